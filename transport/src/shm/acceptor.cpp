#include "shm/acceptor.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/fault_point.hpp>

#include "posix/datagram.hpp"
#include "posix/peer_credentials.hpp"
#include "posix/system_error.hpp"
#include "shm/greeting.hpp"
#include "shm/link_making.hpp"

namespace vagus::transport::shm {

namespace {

using namespace std::chrono_literals;

constexpr auto time_for_hello = 5s;
constexpr std::size_t max_waiting_for_hello = 64;
constexpr std::size_t accepted_at_once = 16;
constexpr auto pause_when_exhausted = 100ms;

}  // namespace

Acceptor::Acceptor(std::unique_ptr<const SocketSource> source, const TransportContext& context,
                   const ring::LinkOptions& options, posix::FileDescriptor socket, LinkHandler accepted)
    : source_(std::move(source)),
      context_(context),
      options_(options),
      accepted_(std::move(accepted)),
      links_(std::make_shared<LinkCount>(context.max_links)),
      socket_(watch(context.loop, std::move(socket))),
      pause_(asio_context(context.loop)) {}

void Acceptor::start() {
  MutexLock lock(mutex_);
  wait();
}

void Acceptor::close() noexcept {
  {
    MutexLock lock(mutex_);
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    pause_.cancel();
    for (const Waiting& waiting : waiting_) waiting->cancel();
    waiting_.clear();
  }
  gate_.close();
}

void Acceptor::wait() {
  async_wait_readable(socket_, [self = shared_from_this()](error_code error) {
    if (!error) self->on_connections();
  });
}

void Acceptor::wait_after_pause() {
  pause_.expires_after(pause_when_exhausted);
  pause_.async_wait([self = shared_from_this()](error_code error) {
    if (error) return;
    MutexLock lock(self->mutex_);
    if (!self->closed_) self->wait();
  });
}

void Acceptor::on_connections() {
  std::vector<posix::FileDescriptor> sockets;
  bool goes_on = true;
  {
    MutexLock lock(mutex_);
    if (closed_) return;
    goes_on = accept_some(sockets);
  }
  for (posix::FileDescriptor& socket : sockets) greet(std::move(socket));
  if (!goes_on) gate_.run([this] { source_->ended(); });
}

bool Acceptor::accept_some(std::vector<posix::FileDescriptor>& sockets) {
  using Status = SocketSource::Status;
  while (sockets.size() < accepted_at_once) {
    SocketSource::Taken taken = source_->take(socket_.native_handle());
    if (taken.status == Status::taken) {
      sockets.push_back(std::move(taken.socket));
    } else if (taken.status == Status::exhausted) {
      context_.log.error(posix::describe("accept", source_->text(), taken.error) + ": trying again");
      wait_after_pause();
      return true;
    } else if (taken.status == Status::ended) {
      return false;
    } else if (taken.status == Status::nothing) {
      break;
    }
  }
  wait();
  return true;
}

void Acceptor::greet(posix::FileDescriptor socket) {
  Credentials peer;
  VAGUS_FAULT_POINT("accept.accepted");
  try {
    peer = posix::peer_credentials(socket.get());
    source_->check(peer);
    await_hello(std::move(socket), peer);
  } catch (const Error& error) {
    turn_away(socket.get(), peer, error);
  } catch (const std::exception& error) {  // no memory, or Asio's
    turn_away(socket.get(), peer, TransportDisconnectedError(error.what()));
  }
}

void Acceptor::await_hello(posix::FileDescriptor socket, const Credentials& peer) {
  const auto waiting = std::make_shared<FirstDatagram>(context_.loop, std::move(socket));
  MutexLock lock(mutex_);
  if (closed_) return;
  if (waiting_.size() >= max_waiting_for_hello) {
    context_.log.warning(source_->text() + ": too many connections without a hello, the oldest is dropped");
    waiting_.front()->cancel();
    waiting_.pop_front();
  }
  waiting_.push_back(waiting);
  waiting->start(Deadline::after(time_for_hello), [self = shared_from_this(), weak = std::weak_ptr(waiting),
                                                   peer](FirstDatagram::Outcome outcome) {
    self->on_first_datagram(weak.lock(), peer, std::move(outcome));
  });
}

void Acceptor::on_first_datagram(const Waiting& waiting, const Credentials& peer,
                                 FirstDatagram::Outcome outcome) {
  {
    MutexLock lock(mutex_);
    waiting_.remove(waiting);
    if (closed_) return;
  }
  using Status = FirstDatagram::Outcome::Status;
  if (outcome.status == Status::ended) {
    context_.log.debug(source_->text() + ": " + posix::to_string(peer) +
                       " connected and left without a hello");
  } else if (outcome.status == Status::timeout) {
    turn_away(outcome.socket.get(), peer, ConnectionTimeoutError("no hello came for 5 s"));
  } else {
    admit(std::move(outcome), peer);
  }
}

void Acceptor::admit(FirstDatagram::Outcome outcome, const Credentials& peer) {
  std::unique_ptr<Link> link;
  try {
    link = make_link_of(outcome, peer);
  } catch (const Error& error) {
    return turn_away(outcome.socket.get(), peer, error);
  } catch (const std::exception& error) {
    return turn_away(outcome.socket.get(), peer, TransportDisconnectedError(error.what()));
  }
  try {
    gate_.run([&] { accepted_(std::move(link)); });
  } catch (const std::exception& error) {
    context_.log.error(source_->text() + ": the handler of new links threw: " + error.what());
  }
}

std::unique_ptr<Link> Acceptor::make_link_of(FirstDatagram::Outcome& outcome, const Credentials& peer) {
  VAGUS_FAULT_POINT("accept.hello_received");
  PeerPart theirs = check_hello(outcome);
  auto place = links_->take();
  if (!place) {
    throw TransportDisconnectedError("there are " + std::to_string(links_->limit()) +
                                     " links already, the limit");
  }
  OwnPart own(options_.ring_bytes, options_.arena_bytes);
  if (!send_hello(outcome.socket.get(), context_, own)) {
    throw TransportDisconnectedError("it left before it was answered");
  }
  VAGUS_FAULT_POINT("accept.hello_sent");
  return make_link(context_, options_, source_->text() + " (body)", std::move(own), std::move(theirs),
                   {std::move(outcome.socket), peer, nullptr}, std::move(place));
}

void Acceptor::turn_away(int socket, const Credentials& peer, const Error& why) noexcept {
  context_.log.warning(source_->text() + ": " + posix::to_string(peer) + " is turned away: " + why.what());
  // Best effort: whoever does not read it sees the socket's end.
  if (socket >= 0) posix::send_datagram(socket, encode_refusal(why));
}

}  // namespace vagus::transport::shm
