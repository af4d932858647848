#include "posix/futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include <time.h>

namespace vagus::transport::posix {

static_assert(sizeof(FutexWord) == 4 && FutexWord::is_always_lock_free);

namespace {

timespec absolute_time(TimePoint at) noexcept {
  // The steady clock is CLOCK_MONOTONIC, which FUTEX_WAIT_BITSET counts by; it refuses times before its
  // start.
  const auto since_start = std::max(at.time_since_epoch(), Duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_start);
  return {.tv_sec = static_cast<time_t>(seconds.count()),
          .tv_nsec = static_cast<long>((since_start - seconds).count())};
}

}  // namespace

void futex_wait(const FutexWord& word, std::uint32_t expected, Deadline deadline) noexcept {
  timespec until{};
  if (!deadline.is_never()) until = absolute_time(deadline.sleep_until());
  // Not the private kind: the word is shared between processes.
  ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, expected, deadline.is_never() ? nullptr : &until, nullptr,
            FUTEX_BITSET_MATCH_ANY);
}

void futex_wake(const FutexWord& word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace vagus::transport::posix
