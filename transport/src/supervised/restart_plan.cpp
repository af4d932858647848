#include "supervised/restart_plan.hpp"

#include <algorithm>
#include <chrono>

namespace vagus::transport::supervised {

namespace {

constexpr Duration longest_pause = std::chrono::seconds(5);

}  // namespace

std::optional<Duration> RestartPlan::next(TimePoint now) {
  while (!restarts_.empty() && now - restarts_.front() >= within_) restarts_.pop_front();
  if (restarts_.size() >= max_restarts_) return std::nullopt;
  const Duration pause = next_pause();
  restarts_.push_back(now);
  return pause;
}

Duration RestartPlan::next_pause() const noexcept {
  if (restarts_.empty()) return Duration::zero();
  Duration pause = std::min(pause_, longest_pause);
  for (std::size_t i = 1; i < restarts_.size() && pause < longest_pause && pause > Duration::zero(); ++i) {
    pause = std::min(2 * pause, longest_pause);
  }
  return pause;
}

}  // namespace vagus::transport::supervised
