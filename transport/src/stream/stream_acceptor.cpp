#include "stream/stream_acceptor.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/fault_point.hpp>

#include "posix/system_error.hpp"
#include "stream/hello_exchange.hpp"
#include "stream/stream_making.hpp"

namespace vagus::transport::stream {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_waiting_for_hello = 256;
constexpr std::size_t max_leaving = 64;
constexpr std::size_t accepted_at_once = 16;
constexpr auto pause_when_exhausted = 100ms;

/// The connection stays in the backlog, so waiting for it would not wait at all.
bool is_exhaustion(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

StreamAcceptor::StreamAcceptor(std::string url, std::unique_ptr<const StreamKind> kind,
                               const TransportContext& context, const StreamOptions& options,
                               posix::FileDescriptor socket, LinkHandler accepted)
    : url_(std::move(url)),
      kind_(std::move(kind)),
      context_(with_offers(context, options)),
      options_(options),
      accepted_(std::move(accepted)),
      links_(std::make_shared<LinkCount>(context.max_links)),
      socket_(watch(context.loop, std::move(socket))),
      pause_(asio_context(context.loop)) {}

void StreamAcceptor::start() {
  MutexLock lock(mutex_);
  wait();
}

void StreamAcceptor::close() noexcept {
  std::list<Waiting> waiting;
  std::list<std::shared_ptr<Farewell>> leaving;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    pause_.cancel();
    waiting.swap(waiting_);
    leaving.swap(leaving_);
  }
  for (const Waiting& one : waiting) one->cancel();
  for (const auto& one : leaving) one->close();
  gate_.close();
}

void StreamAcceptor::wait() {
  async_wait_readable(socket_, [self = shared_from_this()](error_code error) {
    if (!error) self->on_connections();
  });
}

void StreamAcceptor::wait_after_pause() {
  pause_.expires_after(pause_when_exhausted);
  pause_.async_wait([self = shared_from_this()](error_code error) {
    if (error) return;
    MutexLock lock(self->mutex_);
    if (!self->closed_) self->wait();
  });
}

void StreamAcceptor::on_connections() {
  std::vector<posix::FileDescriptor> sockets;
  {
    MutexLock lock(mutex_);
    if (closed_) return;
    sockets = accept_some();
  }
  for (posix::FileDescriptor& socket : sockets) greet(std::move(socket));
}

std::vector<posix::FileDescriptor> StreamAcceptor::accept_some() {
  std::vector<posix::FileDescriptor> sockets;
  while (sockets.size() < accepted_at_once) {
    posix::FileDescriptor socket{
        ::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (socket) {
      sockets.push_back(std::move(socket));
    } else if (is_exhaustion(errno)) {
      context_.log.error(posix::describe("accept", url_, errno) + ": trying again");
      wait_after_pause();
      return sockets;
    } else if (errno == EAGAIN) {
      break;
    }
    // Any other error belongs to a connection that has ended before it was taken.
  }
  wait();
  return sockets;
}

void StreamAcceptor::greet(posix::FileDescriptor socket) {
  VAGUS_FAULT_POINT("accept.accepted");
  try {
    await_hello(kind_->accepted(std::move(socket)));
  } catch (const std::exception& error) {  // no right to be there, no memory, or Asio's
    context_.log.warning(url_ + ": a peer is turned away: " + error.what());
  }
}

void StreamAcceptor::await_hello(std::unique_ptr<ByteStream> stream) {
  auto watch = std::make_shared<LoopWatch>(context_.loop, stream->descriptor());
  const auto waiting =
      std::make_shared<Handshake>(context_, std::move(stream), std::move(watch), Greeting::answer);
  Waiting dropped;
  {
    MutexLock lock(mutex_);
    if (closed_) return waiting->cancel();
    if (waiting_.size() >= max_waiting_for_hello) {
      dropped = std::move(waiting_.front());
      waiting_.pop_front();
    }
    waiting_.push_back(waiting);
  }
  if (dropped) {
    context_.log.warning(url_ + ": too many connections without a hello, the oldest is dropped");
    dropped->cancel();
  }
  waiting->start(Deadline::after(options_.hello),
                 [self = shared_from_this(), weak = std::weak_ptr(waiting)](Handshake::Outcome outcome) {
                   self->on_greeted(weak.lock(), std::move(outcome));
                 });
}

void StreamAcceptor::on_greeted(const Waiting& waiting, Handshake::Outcome outcome) {
  {
    MutexLock lock(mutex_);
    waiting_.remove(waiting);
    if (closed_) return outcome.watch->close();
  }
  if (outcome.error && outcome.silent) {
    context_.log.debug(url_ + ": " + outcome.stream->peer() + " connected, but " + outcome.error->what());
    outcome.watch->close();
  } else if (outcome.error) {
    const ErrorPtr error = outcome.error;
    turn_away(std::move(outcome), *error);
  } else {
    admit(std::move(outcome));
  }
}

void StreamAcceptor::admit(Handshake::Outcome outcome) {
  VAGUS_FAULT_POINT("accept.hello_received");
  auto place = links_->take();
  if (!place) {
    const TransportDisconnectedError full("there are " + std::to_string(links_->limit()) +
                                          " links already, the limit");
    return turn_away(std::move(outcome), full);
  }
  const std::string peer = outcome.stream->peer();
  try {
    if (outcome.answer_to) {
      outcome.output.append(encode_hello_response(*outcome.answer_to, context_.hello));
      static_cast<void>(outcome.output.flush(*outcome.stream));
      VAGUS_FAULT_POINT("accept.hello_sent");
    }
    hand_out(make_link(context_, options_, url_, Side::body, std::move(outcome), std::move(place)));
  } catch (const std::exception& error) {  // no memory, or an own hello that cannot be
    log_turned_away(peer, error.what());
  }
}

void StreamAcceptor::hand_out(std::unique_ptr<Link> link) {
  try {
    gate_.run([&] { accepted_(std::move(link)); });
  } catch (const std::exception& error) {
    context_.log.error(url_ + ": the handler of new links threw: " + error.what());
  }
}

void StreamAcceptor::turn_away(Handshake::Outcome outcome, const Error& why) {
  log_turned_away(outcome.stream->peer(), why.what());
  if (outcome.answer_to) {
    // Best effort: whoever does not read it sees the connection's end.
    outcome.output.append(encode_hello_refusal(*outcome.answer_to, why));
    static_cast<void>(outcome.output.flush(*outcome.stream));
  }
  see_off(std::move(outcome));
}

/// So that the peer reads why it was turned away.
void StreamAcceptor::see_off(Handshake::Outcome outcome) {
  const bool lingers = outcome.stream->lingers();
  const auto leaving =
      std::make_shared<Farewell>(context_.loop, std::move(outcome.stream), std::move(outcome.watch));
  {
    MutexLock lock(mutex_);
    if (closed_ || !lingers || leaving_.size() >= max_leaving) {
      lock.unlock();
      return leaving->close();
    }
    leaving_.push_back(leaving);
  }
  leaving->start([self = shared_from_this(), weak = std::weak_ptr(leaving)] {
    MutexLock lock(self->mutex_);
    self->leaving_.remove(weak.lock());
  });
}

void StreamAcceptor::log_turned_away(const std::string& peer, const char* why) {
  context_.log.warning(url_ + ": " + peer + " is turned away: " + why);
}

}  // namespace vagus::transport::stream
