#pragma once

#include <atomic>
#include <chrono>

#include <vagus/core/clock.hpp>

namespace vagus::testing {

/// Stands until it is turned; an hour behind that of the machine, so that who takes a time by it for one by
/// that finds that it has passed.
class TurnedClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return begin_ + Duration(turned_.load()); }
  void turn(Duration forward) { turned_ += forward.count(); }

 private:
  const TimePoint begin_ = Clock::steady().now() - std::chrono::hours(1);
  std::atomic<Duration::rep> turned_{0};
};

/// To be made before the links, and so a base before the others.
struct WithTurnedClock {
  TurnedClock clock;
  ClockInUse in_use{clock};
};

}  // namespace vagus::testing
