#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <thread>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus::detail {

/// Runs things after a time, by the clock in use, one after the other on a thread of its own, which it has
/// once there is something to run. Safe from any thread.
class DelayedWork {
 public:
  DelayedWork() = default;
  ~DelayedWork() { stop(); }
  DelayedWork(const DelayedWork&) = delete;
  DelayedWork& operator=(const DelayedWork&) = delete;

  void add(Duration delay, std::function<void()> work);
  /// Waits for what runs. What is left never does, nor what is added later.
  void stop();

 private:
  void run();

  Mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ VAGUS_GUARDED_BY(mutex_) = false;
  std::multimap<Deadline, std::function<void()>> due_ VAGUS_GUARDED_BY(mutex_);
  std::thread thread_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::detail
