#include "stream/loop_watch.hpp"

#include <sys/epoll.h>

#include <cerrno>
#include <string>
#include <utility>

#include "posix/system_error.hpp"

namespace vagus::transport::stream {

namespace {

posix::FileDescriptor create_epoll(int descriptor) {
  posix::FileDescriptor epoll{::epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll) posix::throw_system_error("epoll_create1", "", errno);
  epoll_event nothing{};
  nothing.events = EPOLLONESHOT;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &nothing) != 0) {
    posix::throw_system_error("epoll_ctl", "add", errno);
  }
  return epoll;
}

}  // namespace

LoopWatch::LoopWatch(EventLoop& loop, int descriptor)
    : descriptor_(descriptor), epoll_(watch(loop, create_epoll(descriptor))) {}

void LoopWatch::start(OnReady on_ready) {
  auto shared = std::make_shared<const OnReady>(std::move(on_ready));
  MutexLock lock(mutex_);
  if (closed_) return;
  on_ready_.swap(shared);
  if (!std::exchange(waiting_, true)) wait();
  lock.unlock();
}

void LoopWatch::ask(std::uint32_t events) noexcept {
  MutexLock lock(mutex_);
  if (closed_) return;
  epoll_event asked{};
  asked.events = events | EPOLLONESHOT;
  // Cannot fail: the descriptor stands there, and nothing is allocated.
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, descriptor_, &asked);
}

void LoopWatch::close() noexcept {
  std::shared_ptr<const OnReady> gone;  // what it holds is destroyed outside of the lock
  MutexLock lock(mutex_);
  closed_ = true;
  gone.swap(on_ready_);
  error_code ignored;
  epoll_.close(ignored);
  lock.unlock();
}

void LoopWatch::wait() {
  // What waits does not hold it: who drops the last pointer without close() ends the wait.
  async_wait_readable(epoll_, [weak = weak_from_this()](error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->on_epoll_readable();
  });
}

void LoopWatch::on_epoll_readable() {
  epoll_event ready{};
  std::shared_ptr<const OnReady> on_ready;
  {
    MutexLock lock(mutex_);
    if (closed_) return;
    // Nothing is there if it was taken back meanwhile.
    if (::epoll_wait(epoll_.native_handle(), &ready, 1, 0) == 1) on_ready = on_ready_;
    wait();
  }
  if (on_ready) (*on_ready)(ready.events);
}

}  // namespace vagus::transport::stream
