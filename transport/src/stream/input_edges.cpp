#include "stream/input_edges.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <cerrno>
#include <utility>

namespace vagus::transport::stream {

namespace {

constexpr std::uint32_t input = EPOLLIN | EPOLLRDHUP | EPOLLET;

}  // namespace

bool InputEdges::open(int descriptor, int bell) noexcept {
  // To find out whether this system has the call at all.
  if (::epoll_pwait2(-1, nullptr, 0, nullptr, nullptr) < 0 && errno == ENOSYS) return false;
  epoll_ = posix::FileDescriptor(::epoll_create1(EPOLL_CLOEXEC));
  descriptor_ = descriptor;
  early_ = true;
  if (!epoll_ || !enter(EPOLL_CTL_ADD, bell, EPOLLIN) ||
      !enter(EPOLL_CTL_ADD, descriptor, input | EPOLLOUT)) {
    epoll_.reset();
  }
  return is_open();
}

bool InputEdges::enter(int operation, int descriptor, std::uint32_t events) noexcept {
  epoll_event entry{};
  entry.events = events;
  entry.data.fd = descriptor;
  return ::epoll_ctl(epoll_.get(), operation, descriptor, &entry) == 0;
}

InputEdges::Ready InputEdges::wait(const timespec* timeout) noexcept {
  epoll_event entries[2];
  const int count = ::epoll_pwait2(epoll_.get(), entries, 2, timeout, nullptr);
  std::uint32_t events = 0;
  Ready ready;
  for (int index = 0; index < count; ++index) {
    if (entries[index].data.fd == descriptor_) {
      events = entries[index].events;
    } else {
      ready.bell = true;
    }
  }
  if (events != 0) judge(events == EPOLLOUT);
  static_assert(EPOLLIN == POLLIN && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP && EPOLLRDHUP == POLLRDHUP);
  ready.events = static_cast<short>(events & ~static_cast<std::uint32_t>(EPOLLOUT));
  return ready;
}

void InputEdges::judge(bool woken_in_vain) noexcept {
  trial_.note(woken_in_vain);
  if (trial_.due() == early_) return;
  if (enter(EPOLL_CTL_MOD, descriptor_, early_ ? input : input | EPOLLOUT)) early_ = !early_;
}

}  // namespace vagus::transport::stream
