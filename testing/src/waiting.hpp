#pragma once

#include <chrono>
#include <thread>

#include <vagus/core/clock.hpp>
#include <vagus/core/deadline.hpp>

namespace vagus::detail {

// What the test waits for goes by the machine's clock, whatever clock is in use.

/// When a wait ends that begins now.
inline TimePoint end_of_waiting(Duration timeout) {
  return Deadline::after(timeout, Clock::steady().now()).at();
}

/// Until it is so; false if it does not come about. It asks again and again: for what nobody tells of.
template <typename Condition>
bool wait_until_so(Duration timeout, const Condition& condition) {
  const TimePoint end = end_of_waiting(timeout);
  while (!condition()) {
    if (Clock::steady().now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace vagus::detail
