#pragma once

#include <chrono>

namespace bench {

/// The clock that all figures are of.
using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

/// Tells the processor that this is a waiting loop.
inline void pause_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

inline void spin_until(Clock::time_point time) noexcept {
  while (Clock::now() < time) pause_processor();
}

}  // namespace bench
