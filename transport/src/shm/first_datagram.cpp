#include "shm/first_datagram.hpp"

#include <chrono>
#include <utility>

#include <vagus/core/asio_context.hpp>

#include "shm/greeting.hpp"

namespace vagus::transport::shm {

FirstDatagram::FirstDatagram(EventLoop& loop, posix::FileDescriptor socket)
    : socket_(watch(loop, std::move(socket))), timer_(asio_context(loop)) {}

void FirstDatagram::start(Deadline deadline, Done done) {
  MutexLock lock(mutex_);
  done_ = std::move(done);
  wait();
  deadline_ = deadline;
  if (!deadline.is_never()) wait_for_deadline();
}

void FirstDatagram::wait_for_deadline() {
  timer_.expires_at(
      std::chrono::time_point_cast<std::chrono::steady_clock::duration>(deadline_.sleep_until()));
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->on_timeout();
  });
}

void FirstDatagram::wait() {
  async_wait_readable(socket_, [self = shared_from_this()](error_code error) {
    if (!error) self->on_readable();
  });
}

void FirstDatagram::on_readable() {
  Outcome outcome;
  Done done;
  {
    MutexLock lock(mutex_);
    if (!done_) return;
    outcome.bytes.resize(max_datagram_size);
    outcome.datagram = posix::receive_datagram(socket_.native_handle(), outcome.bytes);
    if (outcome.datagram.status == posix::Datagram::Status::nothing) return wait();
    outcome.bytes.resize(outcome.datagram.size);
    const bool received = outcome.datagram.status == posix::Datagram::Status::received;
    outcome.status = received ? Outcome::Status::received : Outcome::Status::ended;
    outcome.socket = posix::FileDescriptor{socket_.release()};
    done = finish();
  }
  done(std::move(outcome));
}

void FirstDatagram::on_timeout() {
  Outcome outcome;
  outcome.status = Outcome::Status::timeout;
  Done done;
  {
    MutexLock lock(mutex_);
    if (!done_) return;
    if (!deadline_.passed()) return wait_for_deadline();
    outcome.socket = posix::FileDescriptor{socket_.release()};
    done = finish();
  }
  done(std::move(outcome));
}

FirstDatagram::Done FirstDatagram::finish() {
  timer_.cancel();
  return std::exchange(done_, nullptr);
}

void FirstDatagram::cancel() noexcept {
  Done gone;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  error_code ignored;
  socket_.close(ignored);
  gone = finish();
}

}  // namespace vagus::transport::shm
