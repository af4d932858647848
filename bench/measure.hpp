/// Times of one kind of round trip.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace bench {

/// Nanoseconds each, gathered slice by slice.
class Times {
 public:
  /// Does it so many times, back to back, after a few that do not count.
  void slice(int rounds, const std::function<void()>& round_trip);

  /// In microseconds; `share` of all took no longer. 0 if there are none.
  double quantile(double share) const;
  /// Round trips in a second.
  double rate() const;

 private:
  std::vector<std::int64_t> nanoseconds_;
  double seconds_ = 0;
};

/// Keeps the calling thread, and those that it makes from now on, on one core; -1: lets them run where they
/// like.
void pin(int core);

}  // namespace bench
