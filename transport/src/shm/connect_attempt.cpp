#include "shm/connect_attempt.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/fault_point.hpp>

#include "posix/peer_credentials.hpp"

namespace vagus::transport::shm {

namespace {

constexpr auto retry_pause = std::chrono::milliseconds(2);

}  // namespace

ConnectAttempt::ConnectAttempt(std::unique_ptr<Dialer> dialer, const TransportContext& context,
                               const ring::LinkOptions& options, Deadline deadline, ConnectHandler connected)
    : dialer_(std::move(dialer)),
      context_(context),
      options_(options),
      deadline_(deadline),
      connected_(std::move(connected)),
      retry_(asio_context(context.loop)) {}

void ConnectAttempt::run() {
  try {
    if (auto dialled = dialer_->dial()) return greet(std::move(*dialled));
    if (!deadline_.passed()) return try_again_later();
    finish(make_error<ConnectionTimeoutError>(dialer_->text() + ": " + dialer_->busy()));
  } catch (const Error& error) {
    finish(make_error(error.code(), dialer_->text() + ": " + error.what(), {}));
  } catch (const std::exception& error) {  // no memory, or Asio's
    finish(make_error<TransportDisconnectedError>(dialer_->text() + ": " + error.what()));
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

void ConnectAttempt::greet(Dialled dialled) {
  VAGUS_FAULT_POINT("connect.connected");
  peer_ = dialled.peer;
  fate_ = std::move(dialled.fate);
  own_.emplace(options_.ring_bytes, options_.arena_bytes);
  // A listener that has left already may have said why: what it said is read either way.
  static_cast<void>(send_hello(dialled.socket.get(), context_, *own_));
  VAGUS_FAULT_POINT("connect.hello_sent");
  auto waiting = std::make_shared<FirstDatagram>(context_.loop, std::move(dialled.socket));
  MutexLock lock(mutex_);
  if (cancelled_) return;
  waiting_ = waiting;
  waiting->start(deadline_, [self = shared_from_this()](FirstDatagram::Outcome outcome) {
    self->on_first_datagram(std::move(outcome));
  });
}

void ConnectAttempt::on_first_datagram(FirstDatagram::Outcome outcome) {
  using Status = FirstDatagram::Outcome::Status;
  const std::string peer = peer_text();
  if (outcome.status == Status::timeout) {
    return finish(make_error<ConnectionTimeoutError>(peer + " is there, but has not answered in time"));
  }
  if (outcome.status == Status::ended) {
    const std::string fate = fate_ ? fate_->text() : std::string();
    return finish(make_error<TransportDisconnectedError>(peer + " " + (fate.empty() ? "left" : fate) +
                                                         " before it answered"));
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

std::string ConnectAttempt::peer_text() const { return dialer_->text() + ": " + posix::to_string(peer_); }

std::unique_ptr<Link> ConnectAttempt::make_link_of(FirstDatagram::Outcome& outcome) {
  PeerPart theirs = check_hello(outcome);
  return make_link(context_, options_, dialer_->text() + " (head)", std::move(*own_), std::move(theirs),
                   {std::move(outcome.socket), peer_, std::move(fate_)}, nullptr);
}

void ConnectAttempt::finish(Outcome outcome) {
  {
    MutexLock lock(mutex_);
    waiting_.reset();
  }
  try {
    gate_.run([&] { connected_(std::move(outcome)); });
  } catch (const std::exception& error) {
    context_.log.error(dialer_->text() + ": the handler of a new link threw: " + error.what());
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
