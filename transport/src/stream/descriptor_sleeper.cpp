#include "stream/descriptor_sleeper.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include <time.h>

namespace vagus::transport::stream {

namespace {

// How long a sleep may be for which the system has no descriptor to ring: calls are seen between them.
constexpr Duration longest_without_bell = std::chrono::milliseconds(5);

// A link over which little is said gets along with a poll.
constexpr unsigned sleeps_before_edges = 64;

timespec to_timespec(Duration duration) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = static_cast<time_t>(seconds.count()),
          .tv_nsec = static_cast<long>((duration - seconds).count())};
}

Duration left(Deadline deadline) noexcept {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  return std::max(deadline.sleep_until() - now, Duration::zero());
}

std::optional<timespec> time_left(Deadline deadline) noexcept {
  if (deadline.is_never()) return std::nullopt;
  return to_timespec(left(deadline));
}

}  // namespace

template <typename Wait>
short DescriptorSleeper::sleep(Deadline deadline, const Wait& wait) {
  if (!bell_) bell_ = posix::FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  short ready = 0;
  do {
    // PAIR call-or-sleep
    asleep_.store(true, std::memory_order_seq_cst);
    if (!called_.load(std::memory_order_seq_cst)) ready = wait();
    asleep_.store(false, std::memory_order_seq_cst);
  } while (ready == 0 && !called() && !deadline.passed());
  return ready;
}

short DescriptorSleeper::sleep(int descriptor, short events, Deadline deadline) {
  return sleep(deadline, [&] { return poll_both(descriptor, events, deadline); });
}

short DescriptorSleeper::sleep_for_input(int descriptor, Deadline deadline) {
  if (sleeps_for_input_ < sleeps_before_edges && ++sleeps_for_input_ == sleeps_before_edges && bell_) {
    edges_.open(descriptor, bell_.get());
  }
  if (!edges_.is_open()) return sleep(descriptor, POLLIN, deadline);
  return sleep(deadline, [&] {
    const std::optional<timespec> timeout = time_left(deadline);
    const InputEdges::Ready ready = edges_.wait(timeout ? &*timeout : nullptr);
    if (ready.bell) silence_bell();
    return ready.events;
  });
}

short DescriptorSleeper::poll_both(int descriptor, short events, Deadline deadline) noexcept {
  std::array<pollfd, 2> both{{{descriptor, events, 0}, {bell_.get(), POLLIN, 0}}};
  std::optional<timespec> timeout = time_left(deadline);
  if (!bell_)
    timeout = to_timespec(std::min(deadline.is_never() ? no_timeout : left(deadline), longest_without_bell));
  // Interrupted by a signal, it is called again.
  if (::ppoll(both.data(), both.size(), timeout ? &*timeout : nullptr, nullptr) <= 0) return 0;
  if (both[1].revents != 0) silence_bell();
  return both[0].revents;
}

void DescriptorSleeper::silence_bell() noexcept {
  std::uint64_t rings = 0;
  static_cast<void>(::read(bell_.get(), &rings, sizeof rings));
}

void DescriptorSleeper::call() noexcept {
  // PAIR call-or-sleep
  called_.store(true, std::memory_order_seq_cst);
  if (!asleep_.load(std::memory_order_seq_cst)) return;
  const std::uint64_t ring = 1;
  // A counter that is full rings as well.
  if (bell_) static_cast<void>(::write(bell_.get(), &ring, sizeof ring));
}

}  // namespace vagus::transport::stream
