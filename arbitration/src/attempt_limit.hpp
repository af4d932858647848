/// How often somebody may try something.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include <vagus/core/deadline.hpp>

namespace vagus {

/// Lets each of any number of names try so many times in a row, and after that once in an interval. What it
/// keeps is bounded: names beyond that share one allowance. Not safe from several threads.
class AttemptLimit {
 public:
  AttemptLimit(int in_a_row, Duration interval)
      : allowance_(interval * (in_a_row - 1)), interval_(interval) {}

  /// How long `name` has to wait; zero: not at all, and the attempt counts.
  Duration take(const std::string& name, TimePoint now);
  /// The last attempt shall not count.
  void give_back(const std::string& name);

 private:
  std::string place_of(const std::string& name, TimePoint now);

  const Duration allowance_;
  const Duration interval_;
  std::map<std::string, TimePoint> paid_until_;  // each attempt costs an interval, and some may be ahead
};

}  // namespace vagus
