#include "attempt_limit.hpp"

#include <algorithm>

namespace vagus {

namespace {

constexpr std::size_t most_names = 4096;

}  // namespace

std::string AttemptLimit::place_of(const std::string& name, TimePoint now) {
  if (paid_until_.size() < most_names || paid_until_.count(name) != 0) return name;
  std::erase_if(paid_until_, [&](const auto& each) { return each.second <= now; });
  return paid_until_.size() < most_names ? name : std::string();
}

Duration AttemptLimit::take(const std::string& name, TimePoint now) {
  TimePoint& paid_until = paid_until_[place_of(name, now)];
  const TimePoint from = std::max(paid_until, now);
  if (const Duration ahead = from - now; ahead > allowance_) return ahead - allowance_;
  paid_until = from + interval_;
  return Duration::zero();
}

void AttemptLimit::give_back(const std::string& name) {
  const auto found = paid_until_.find(name);
  if (found != paid_until_.end()) found->second -= interval_;
}

}  // namespace vagus
