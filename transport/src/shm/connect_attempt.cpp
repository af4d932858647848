#include "shm/connect_attempt.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/fault_point.hpp>

#include "posix/peer_credentials.hpp"
#include "posix/system_error.hpp"
#include "posix/unix_socket.hpp"
#include "shm/access.hpp"

namespace vagus::transport::shm {

namespace {

constexpr auto retry_pause = std::chrono::milliseconds(2);

}  // namespace

ConnectAttempt::ConnectAttempt(const Address& address, const TransportContext& context,
                               const ring::LinkOptions& options, Deadline deadline, ConnectHandler connected)
    : address_(address),
      context_(context),
      options_(options),
      deadline_(deadline),
      connected_(std::move(connected)),
      retry_(asio_context(context.loop)) {}

void ConnectAttempt::run() {
  try {
    posix::FileDescriptor socket = posix::create_seqpacket_socket();
    if (try_connect(socket.get())) return greet(std::move(socket));
    if (!deadline_.passed()) return try_again_later();
    finish(make_error<ConnectionTimeoutError>(address_.text() + ": too many others wait to be let in"));
  } catch (const Error& error) {
    finish(make_error(error.code(), address_.text() + ": " + error.what(), {}));
  } catch (const std::exception& error) {  // no memory, or Asio's
    finish(make_error<TransportDisconnectedError>(address_.text() + ": " + error.what()));
  }
}

bool ConnectAttempt::try_connect(int socket) const {
  if (::connect(socket, address_.socket_address(), address_.size()) == 0) return true;
  switch (errno) {
    case EAGAIN:
    case EINTR:
      return false;
    case ECONNREFUSED:
    case ENOENT:
      throw TransportDisconnectedError("nobody listens there");
    case EPROTOTYPE:
      throw ProtocolError("who listens there does not speak the protocol of shm links");
    default:
      posix::throw_system_error("connect", address_.text(), errno);
  }
}

void ConnectAttempt::try_again_later() {
  MutexLock lock(mutex_);
  if (cancelled_) return;
  retry_.expires_after(retry_pause);
  retry_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->run();
  });
}

void ConnectAttempt::greet(posix::FileDescriptor socket) {
  VAGUS_FAULT_POINT("connect.connected");
  peer_ = posix::peer_credentials(socket.get());
  check_access(address_, peer_);
  own_.emplace(options_.ring_bytes, options_.arena_bytes);
  // A listener that has left already may have said why: what it said is read either way.
  static_cast<void>(send_hello(socket.get(), context_, *own_));
  VAGUS_FAULT_POINT("connect.hello_sent");
  auto waiting = std::make_shared<FirstDatagram>(context_.loop, std::move(socket));
  MutexLock lock(mutex_);
  if (cancelled_) return;
  waiting_ = waiting;
  waiting->start(deadline_, [self = shared_from_this()](FirstDatagram::Outcome outcome) {
    self->on_first_datagram(std::move(outcome));
  });
}

void ConnectAttempt::on_first_datagram(FirstDatagram::Outcome outcome) {
  using Status = FirstDatagram::Outcome::Status;
  const std::string peer = address_.text() + ": " + posix::to_string(peer_);
  if (outcome.status == Status::timeout) {
    return finish(make_error<ConnectionTimeoutError>(peer + " listens there, but has not answered in time"));
  }
  if (outcome.status == Status::ended) {
    return finish(make_error<TransportDisconnectedError>(peer + " left before it answered"));
  }
  VAGUS_FAULT_POINT("connect.hello_received");
  try {
    finish(make_link_of(outcome));
  } catch (const Error& error) {
    finish(make_error(error.code(), peer + ": " + error.what(), {}));
  } catch (const std::exception& error) {
    finish(make_error<TransportDisconnectedError>(peer + ": " + error.what()));
  }
}

std::unique_ptr<Link> ConnectAttempt::make_link_of(FirstDatagram::Outcome& outcome) {
  PeerPart theirs = check_hello(outcome);
  return make_link(context_, options_, address_.text() + " (head)", std::move(*own_), std::move(theirs),
                   std::move(outcome.socket), peer_, nullptr);
}

void ConnectAttempt::finish(Outcome outcome) {
  {
    MutexLock lock(mutex_);
    waiting_.reset();
  }
  try {
    gate_.run([&] { connected_(std::move(outcome)); });
  } catch (const std::exception& error) {
    context_.log.error(address_.text() + ": the handler of a new link threw: " + error.what());
  }
}

void ConnectAttempt::cancel() noexcept {
  {
    MutexLock lock(mutex_);
    cancelled_ = true;
    retry_.cancel();
    if (waiting_) waiting_->cancel();
    waiting_.reset();
  }
  gate_.close();
}

}  // namespace vagus::transport::shm
