/// How one thread makes its calls one after the other.
#pragma once

#include <functional>

#include "timing/slice.hpp"

namespace bench {

/// One call, from its beginning to its end; throws if the answer is wrong.
using RoundTrip = std::function<void()>;

/// Back to back, unless it says otherwise.
struct Pace {
  /// Sleeps so long before each call; only the calls are timed.
  nanoseconds pause{0};
  /// So many calls a second, timed from the moment at which each should have begun. A call that is late
  /// because the one before took long so counts as slow, which it is for whoever waits for it.
  double per_second = 0;
};

/// Runs slices at this pace.
SliceRunner at_pace(const Pace& pace, RoundTrip round_trip);

}  // namespace bench
