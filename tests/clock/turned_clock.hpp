#pragma once

#include <atomic>

#include <vagus/core/clock.hpp>

namespace vagus::testing {

/// The machine's steady clock, until it is put forward.
class TurnedClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return Clock::steady().now() + Duration(ahead_.load()); }
  void jump(Duration forward) noexcept { ahead_.fetch_add(forward.count()); }

 private:
  std::atomic<Duration::rep> ahead_{0};
};

}  // namespace vagus::testing
