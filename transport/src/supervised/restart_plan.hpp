#pragma once

#include <deque>
#include <optional>

#include <vagus/core/deadline.hpp>

namespace vagus::transport::supervised {

/// When to start again what ends again and again: the first time at once, then after pauses that double, and
/// no oftener than so many times within a time. Used by one thread.
class RestartPlan {
 public:
  RestartPlan(unsigned max_restarts, Duration within, Duration pause) noexcept
      : max_restarts_(max_restarts), within_(within), pause_(pause) {}

  /// The pause before the restart after an end at `now`; empty: it would be one too many.
  std::optional<Duration> next(TimePoint now);

 private:
  Duration next_pause() const noexcept;

  const unsigned max_restarts_;
  const Duration within_;
  const Duration pause_;
  std::deque<TimePoint> restarts_;  // within the time, the oldest first
};

}  // namespace vagus::transport::supervised
