#include "stream/handshake.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/fault_point.hpp>
#include <vagus/wire/decode_error.hpp>

#include "stream/hello_exchange.hpp"

namespace vagus::transport::stream {

namespace {

constexpr std::array<std::byte, 7> unexpected_message_alert{std::byte{0x15}, std::byte{0x03}, std::byte{0x03},
                                                            std::byte{0x00}, std::byte{0x02}, std::byte{0x02},
                                                            std::byte{0x0a}};

}  // namespace

Handshake::Handshake(const TransportContext& context, std::unique_ptr<ByteStream> stream,
                     std::shared_ptr<LoopWatch> watch, Greeting greeting)
    : context_(context), greeting_(greeting), timer_(asio_context(context.loop)) {
  outcome_.stream = std::move(stream);
  outcome_.watch = std::move(watch);
  outcome_.input.emplace(context.limits);
  outcome_.hello.version = 0;
  if (greeting == Greeting::none) outcome_.hello.role = wire::Role::body;
}

void Handshake::start(Deadline deadline, Done done) {
  {
    MutexLock lock(mutex_);
    if (cancelled_) return;  // by another thread, which knew of it before it was started
    done_ = std::move(done);
    deadline_ = deadline;
    if (!deadline.is_never()) wait_for_deadline();
    outcome_.watch->start([weak = weak_from_this()](std::uint32_t) {
      if (const auto self = weak.lock()) self->go_on();
    });
  }
  go_on();
}

void Handshake::wait_for_deadline() {
  timer_.expires_at(
      std::chrono::time_point_cast<std::chrono::steady_clock::duration>(deadline_.sleep_until()));
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->on_deadline();
  });
}

void Handshake::cancel() noexcept {
  Done gone;  // destroyed outside of the lock
  Outcome outcome;
  MutexLock lock(mutex_);
  cancelled_ = true;
  gone.swap(done_);
  timer_.cancel();
  if (outcome_.watch) outcome_.watch->close();
  std::swap(outcome, outcome_);
  lock.unlock();
}

void Handshake::go_on() {
  MutexLock lock(mutex_);
  if (!done_) return;
  try {
    if (!step()) return;
  } catch (const Error& error) {
    fail(make_error(error.code(), error.what(), {}));
  } catch (const wire::MalformedError& error) {
    fail(make_error<ProtocolError>(std::string("what it sent is no message: ") + error.what()));
  } catch (const std::exception& error) {  // no memory
    fail(make_error<TransportDisconnectedError>(error.what()));
  }
  finish(lock);
}

void Handshake::on_deadline() {
  MutexLock lock(mutex_);
  if (!done_) return;
  if (!deadline_.passed()) return wait_for_deadline();
  const std::size_t some = outcome_.input->unread();
  const std::string what = !secured_                     ? "it has not finished the handshake in time"
                           : greeting_ == Greeting::call ? "it is there, but has not answered in time"
                           : some == 0
                               ? "no hello came in time"
                               : "only " + std::to_string(some) + " bytes of its first message came in time";
  fail(make_error<ConnectionTimeoutError>(what));
  outcome_.silent = false;
  finish(lock);
}

bool Handshake::step() {
  if (!secured_ && !secure()) return outcome_.error != nullptr;
  if (greeting_ == Greeting::none) return true;
  if (!greeted_ && !greet()) return outcome_.error != nullptr;
  return read();
}

/// These return true when their part is done, and have asked for a call, or set the error, when it is not.
bool Handshake::secure() {
  const Transfer transfer = outcome_.stream->handshake();
  secured_ = transfer.status == Status::done;
  // Who fails in it has said something, unlike one that only looks whether somebody listens.
  if (transfer.status == Status::failed) outcome_.silent = false;
  return secured_ || stuck(transfer);
}

bool Handshake::greet() {
  if (greeting_ == Greeting::call) {
    if (outcome_.output.pending() == 0) outcome_.output.append(encode_hello_request(context_.hello));
    const Transfer transfer = outcome_.output.flush(*outcome_.stream);
    // A listener that has left already may have said why: what it said is read all the same.
    if (transfer.status == Status::again) return stuck(transfer);
    outcome_.output.drop();
    VAGUS_FAULT_POINT("connect.hello_sent");
  }
  greeted_ = true;
  return true;
}

bool Handshake::read() {
  Input& input = *outcome_.input;
  for (;;) {
    if (is_of_tls()) {
      // In its own tongue, so that it can say what is wrong; whether it takes it does not matter.
      if (greeting_ == Greeting::answer) static_cast<void>(outcome_.stream->write(unexpected_message_alert));
      fail(make_error<ProtocolError>(greeting_ == Greeting::call
                                         ? "it speaks TLS: connect to it with tls://"
                                         : "it speaks TLS, and this listener does not: it takes tls:// at "
                                           "both ends"));
      return true;
    }
    if (const auto message = input.next()) return take(*message);
    const Transfer transfer = input.fill(*outcome_.stream);
    if (transfer.status != Status::done) {
      stuck(transfer);
      return outcome_.error != nullptr;
    }
    outcome_.silent = false;
  }
}

/// A record of TLS begins with its kind, and the first one is of a handshake or an alert; no message does.
bool Handshake::is_of_tls() const {
  const auto first = outcome_.input->first();
  return first == std::byte{0x15} || first == std::byte{0x16};
}

bool Handshake::take(std::span<const std::byte> message) {
  if (greeting_ == Greeting::call) {
    outcome_.hello = decode_hello_response(message, context_.limits);
    outcome_.input->release();
    return true;
  }
  auto request = decode_first_message(message, context_.limits);
  if (!request) return true;  // a plain peer, to whose link this message belongs
  outcome_.hello = std::move(request->hello);
  outcome_.answer_to = request->id;
  outcome_.input->release();
  return true;
}

bool Handshake::stuck(const Transfer& transfer) {
  if (transfer.status == Status::again) {
    const std::uint32_t in = (transfer.events & POLLIN) != 0 ? EPOLLIN : 0U;
    const std::uint32_t out = (transfer.events & POLLOUT) != 0 ? EPOLLOUT : 0U;
    outcome_.watch->ask(in | out);
    return false;
  }
  if (transfer.status == Status::failed) return fail(transfer.error);
  const std::size_t some = outcome_.input->unread();
  return fail(make_error<TransportDisconnectedError>(
      some == 0 ? "it left before it " + std::string(greeting_ == Greeting::call ? "answered" : "said hello")
                : "it left in the middle of its first message, of which " + std::to_string(some) +
                      " bytes had come"));
}

bool Handshake::fail(ErrorPtr error) {
  outcome_.error = std::move(error);
  return false;
}

// The analysis does not follow a lock that is handed on.
void Handshake::finish(MutexLock& lock) VAGUS_NO_THREAD_SAFETY_ANALYSIS {
  timer_.cancel();
  Done done;
  done.swap(done_);
  Outcome outcome;
  std::swap(outcome, outcome_);
  lock.unlock();
  done(std::move(outcome));
}

}  // namespace vagus::transport::stream
