#include "stream/farewell.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include <vagus/core/asio_context.hpp>

namespace vagus::transport::stream {

namespace {

using namespace std::chrono_literals;

constexpr auto longest = 1s;
// Who still sends after so much does not read.
constexpr std::size_t most_drained = std::size_t{256} * 1024;

}  // namespace

Farewell::Farewell(EventLoop& loop, std::unique_ptr<ByteStream> stream, std::shared_ptr<LoopWatch> watch)
    : stream_(std::move(stream)), watch_(std::move(watch)), timer_(asio_context(loop)) {}

void Farewell::start(std::function<void()> done) {
  {
    MutexLock lock(mutex_);
    if (!stream_) return;  // closed by another thread, which knew of it before it was started
    done_ = std::move(done);
    stream_->finish_writing();
    timer_.expires_after(longest);
    timer_.async_wait([weak = weak_from_this()](error_code error) {
      const auto self = weak.lock();
      if (error || !self) return;
      MutexLock late(self->mutex_);
      self->finish(late);
    });
    watch_->start([weak = weak_from_this()](std::uint32_t) {
      if (const auto self = weak.lock()) self->go_on();
    });
  }
  go_on();
}

void Farewell::go_on() {
  MutexLock lock(mutex_);
  if (!stream_) return;
  if (drain()) return finish(lock);
  watch_->ask(EPOLLIN);
}

/// True: the peer has left, or is not worth more time. What it sends is of no interest, encrypted or not.
bool Farewell::drain() {
  std::array<std::byte, 4096> scratch;
  while (drained_ < most_drained) {
    const ssize_t size = ::recv(stream_->descriptor(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) return false;
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return true;
    drained_ += static_cast<std::size_t>(size);
  }
  return true;
}

// The analysis does not follow a lock that is handed on.
void Farewell::finish(MutexLock& lock) VAGUS_NO_THREAD_SAFETY_ANALYSIS {
  std::function<void()> done;
  done.swap(done_);
  timer_.cancel();
  watch_->close();
  stream_.reset();
  lock.unlock();
  if (done) done();
}

void Farewell::close() noexcept {
  std::function<void()> gone;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  gone.swap(done_);
  timer_.cancel();
  watch_->close();
  stream_.reset();
  lock.unlock();
}

}  // namespace vagus::transport::stream
