#include "chaos/tally.hpp"

#include <algorithm>
#include <cstdio>

#include "chaos/plan.hpp"

namespace vagus::chaos {

namespace {

// A point that is passed at all is passed in one of so many rounds.
constexpr std::uint64_t enough_to_say = 10;

// A death is to be known after no more than this.
constexpr std::chrono::milliseconds time_to_know(10);

void print_times(const char* what, std::vector<std::chrono::nanoseconds> times) {
  if (times.empty()) return;
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    const auto place = static_cast<std::size_t>(share * static_cast<double>(times.size() - 1));
    return static_cast<double>(times[place].count()) / 1e6;
  };
  std::printf("%-44s %8zu times: p50 %.2f, p90 %.2f, p99 %.2f, max %.2f ms\n", what, times.size(), at(0.5),
              at(0.9), at(0.99), at(1));
}

}  // namespace

void Tally::add(const load::Figures& figures) {
  using load::Figures;
  constexpr Figures::Count Figures::*counts[] = {
      &Figures::calls,      &Figures::answered, &Figures::timed_out, &Figures::disconnected,
      &Figures::overloaded, &Figures::refused,  &Figures::callbacks, &Figures::posted,
      &Figures::heard,      &Figures::missed,   &Figures::served};
  for (const auto count : counts) Figures::count(sum_.*count, (figures.*count).load());
  Figures::raise(sum_.longest_ns, figures.longest_ns.load());
  Figures::raise(sum_.excess_running_ns, figures.excess_running_ns.load());
  Figures::raise(sum_.excess_ns, figures.excess_ns.load());
}

void Tally::print() const {
  print_times("from a death to the failure of a pending call", noticed_);
  const auto late =
      std::count_if(noticed_.begin(), noticed_.end(), [](auto time) { return time > time_to_know; });
  if (!noticed_.empty()) {
    std::printf("of them after more than %lld ms: %lld\n", static_cast<long long>(time_to_know.count()),
                static_cast<long long>(late));
  }
  print_times("from a start to calls of every kind", worked_);
  const auto number = [](const load::Figures::Count& count) {
    return static_cast<unsigned long long>(count.load());
  };
  std::printf(
      "calls: %llu, of them answered %llu, timed out %llu, disconnected %llu, overloaded %llu, other "
      "errors %llu\n",
      number(sum_.calls), number(sum_.answered), number(sum_.timed_out), number(sum_.disconnected),
      number(sum_.overloaded), number(sum_.refused));
  std::printf(
      "requests served: %llu; callbacks: %llu; notes and events posted: %llu, heard: %llu, dropped by "
      "full queues: %llu\n",
      number(sum_.served), number(sum_.callbacks), number(sum_.posted), number(sum_.heard),
      number(sum_.missed));
  std::printf(
      "longest call: %.1f ms; the latest after its deadline: %.1f ms, or %.1f ms without the time for "
      "which its process could not run\n",
      static_cast<double>(sum_.longest_ns.load()) / 1e6, static_cast<double>(sum_.excess_ns.load()) / 1e6,
      static_cast<double>(sum_.excess_running_ns.load()) / 1e6);
  std::printf("faults at their points, of those that were planned there:\n");
  for (const auto& [point, planned] : planned_) {
    const auto found = places_.find(point);
    std::printf("  %-32s %6llu of %6llu\n", point.c_str(),
                static_cast<unsigned long long>(found == places_.end() ? 0 : found->second),
                static_cast<unsigned long long>(planned));
  }
  std::printf("and elsewhere:\n");
  for (const auto& [place, times] : places_) {
    if (planned_.contains(place)) continue;
    std::printf("  %-32s %6llu\n", place.c_str(), static_cast<unsigned long long>(times));
  }
}

std::vector<std::string> Tally::never_reached() const {
  std::vector<std::string> never;
  for (const auto& [point, planned] : planned_) {
    if (planned >= enough_to_say && !places_.contains(point)) never.push_back(point);
  }
  return never;
}

}  // namespace vagus::chaos
