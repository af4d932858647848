#include <algorithm>
#include <vector>

#include <vagus/core/duty.hpp>

namespace vagus::detail {

namespace {

struct TakenOn {
  const Duty* duty;  // to be compared only
  std::weak_ptr<Duty> weak;
};
thread_local std::vector<TakenOn> taken_on;

}  // namespace

void take_on(const std::shared_ptr<Duty>& duty) {
  if (has_duty(*duty)) return;
  std::erase_if(taken_on, [](const TakenOn& taken) { return taken.weak.expired(); });
  taken_on.push_back({duty.get(), duty});
}

bool has_duty(const Duty& duty) noexcept {
  return std::any_of(taken_on.begin(), taken_on.end(),
                     [&](const TakenOn& taken) { return taken.duty == &duty && !taken.weak.expired(); });
}

bool has_duties() noexcept {
  return std::any_of(taken_on.begin(), taken_on.end(),
                     [](const TakenOn& taken) { return !taken.weak.expired(); });
}

bool do_duties(Duty::Extent extent) noexcept {
  bool any = false;
  // By place: what is run may take on more.
  for (std::size_t place = 0; place < taken_on.size(); ++place) {
    if (const auto duty = taken_on[place].weak.lock()) any = duty->run_duty(extent) || any;
  }
  return any;
}

}  // namespace vagus::detail
