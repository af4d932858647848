/// Where everything waits that no thread of its own waits for: descriptors, timers, and work for the workers.
#pragma once

#include <functional>
#include <memory>

#include <vagus/core/deadline.hpp>

namespace vagus {

/// One loop, run by any number of threads at once. All functions are safe from any thread. In a forked child
/// the loop of the parent runs and takes nothing.
///
/// Built on Boost.Asio; transports reach the context inside through `vagus/core/asio_context.hpp`, which is
/// not installed.
class EventLoop {
 public:
  EventLoop();
  /// No thread may be inside run_one() any more. Work that was posted and not run is destroyed unrun.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs `work` soon on one of the threads that run the loop, never inside this call. What it throws is
  /// logged as an error and goes no further.
  void post(std::function<void()> work);

  /// Waits for one thing to do and does it. False if the loop was stopped instead.
  bool run_one();

  /// From now on run_one() returns false once nothing is left to do or to wait for; what is there, and what
  /// comes of it, is done first.
  void finish();

  /// Ends every run_one(), now and later.
  void stop();

  class Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Calls back at a time. All functions are safe from any thread.
class Timer {
 public:
  /// `expired` is called on a thread of the loop, at most once for each start().
  Timer(EventLoop& loop, std::function<void()> expired);
  /// Stops it. When this returns outside of `expired`, `expired` is not running and never runs again; inside
  /// of it, it does not wait for itself.
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Expires at `at`; takes the place of the former start, if that has not expired yet.
  void start(TimePoint at);
  void stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace vagus
