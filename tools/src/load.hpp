/// Calls that are made again and again, and how long they took.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include <vagus/core/mutex.hpp>
#include <vagus/vagus.hpp>

#include "end.hpp"

namespace vagus::tools {

struct LoadPlan {
  Duration time = {};       ///< calls begin for so long; zero: no limit
  std::uint64_t count = 0;  ///< of calls; 0: no limit
  unsigned callers = 1;     ///< threads
  /// Of each caller: so many of its calls are under way at once; 1: it waits for each.
  std::ptrdiff_t in_flight = 1;
  double rate = 0;  ///< of all callers together, calls a second; 0: as fast as they can
  Duration timeout = {};
};

/// What came of it.
struct LoadFigures {
  /// Of all calls that have ended, those that failed included. With a rate from the moment at which the call
  /// ought to have been made, so that what a slow answer keeps waiting behind it is counted as well.
  Histogram times;
  ErrorCounts errors;
  ErrorPtr first_error;
  std::uint64_t unfinished = 0;  ///< calls that were given up since the end had come
  Duration time = {};            ///< that it has taken
};

/// Makes the calls of a plan.
class Load {
 public:
  using Action = ProxyAction<detail::ArgumentList>;

  /// Both have to outlive it.
  Load(const Action& action, const LoadPlan& plan, End& end) : action_(action), plan_(plan), end_(end) {}

  /// Returns when all calls have ended. Once. Throws, and lets the end come, if there are not enough threads.
  LoadFigures run();
  /// No call begins any more. From any thread.
  void stop() noexcept;

 private:
  void run_caller();
  void call_in_turn();
  void call_in_flight();
  /// When the next call is to be made, after waiting for that; none if it is not.
  std::optional<TimePoint> next_turn();
  void count(TimePoint intended, const ErrorPtr& error);

  const Action& action_;
  const LoadPlan plan_;
  End& end_;
  TimePoint began_;                      // constant while the callers run
  std::atomic<std::uint64_t> turns_{0};  // relaxed: only a figure
  std::atomic<bool> stopped_{false};     // relaxed: nothing is read that was written before it
  Mutex mutex_;
  LoadFigures figures_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::tools
