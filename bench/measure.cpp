#include "measure.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace bench {

void Times::slice(int rounds, const std::function<void()>& round_trip) {
  using Clock = std::chrono::steady_clock;
  for (int warm_up = 0; warm_up < rounds / 20 + 1; ++warm_up) round_trip();
  const auto begin = Clock::now();
  auto last = begin;
  for (int round = 0; round < rounds; ++round) {
    round_trip();
    const auto now = Clock::now();
    nanoseconds_.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(now - last).count());
    last = now;
  }
  seconds_ += std::chrono::duration<double>(last - begin).count();
}

double Times::quantile(double share) const {
  if (nanoseconds_.empty()) return 0;
  auto sorted = nanoseconds_;
  const auto index = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + index, sorted.end());
  return static_cast<double>(sorted[static_cast<std::size_t>(index)]) / 1e3;
}

double Times::rate() const { return seconds_ > 0 ? static_cast<double>(nanoseconds_.size()) / seconds_ : 0; }

void pin(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (int each = 0; each < ::sysconf(_SC_NPROCESSORS_ONLN); ++each) {
    if (core < 0 || each == core) CPU_SET(static_cast<unsigned>(each), &cores);
  }
  ::sched_setaffinity(0, sizeof cores, &cores);
}

}  // namespace bench
