#pragma once

#include <vagus/core/clock.hpp>
#include <vagus/core/deadline.hpp>

namespace vagus::transport {

/// What a thread does before it sleeps; `?wait=` in the URL.
enum class WaitPolicy : unsigned char {
  adaptive,  ///< looks on for a moment if that is likely to pay, then sleeps
  spin,      ///< looks until something comes
  block      ///< sleeps at once
};

/// Tells the processor that this is a waiting loop.
inline void pause_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

/// Looks until `ready()` or until `longest` has passed; whether it was ready. `looks_per_clock`: a look and a
/// pause take 30 ns, the clock as much again.
template <typename Ready>
bool spin_until(const Ready& ready, Duration longest, Deadline deadline, unsigned looks_per_clock = 32) {
  TimePoint end{};
  for (unsigned looks = 1;; ++looks) {
    if (ready()) return true;
    pause_processor();
    if (looks % looks_per_clock != 0) continue;
    // By the machine's clock: one that stands may be in use, and must not keep a processor busy.
    const TimePoint now = Clock::steady().now();
    // The first look at the clock comes late, so that a short wait goes without it.
    if (looks == looks_per_clock) end = Deadline::after(longest, now).at();
    if (now >= end || deadline.passed()) return false;
  }
}

}  // namespace vagus::transport
