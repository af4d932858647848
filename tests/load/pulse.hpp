#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <thread>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus::load {

/// Notes when this process was kept from running, by a stop or by others that the processors were given to: a
/// thread of its own wakes up regularly, and is late then. Safe from any thread.
class Pulse {
 public:
  /// Adds the time up in `sum_ns`, too.
  explicit Pulse(std::atomic<std::int64_t>& sum_ns);
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  /// For how long between two times.
  Duration missed(TimePoint from, TimePoint to) const;

 private:
  struct Gap {
    TimePoint from;
    TimePoint to;
  };

  void beat();

  std::atomic<std::int64_t>& sum_ns_;
  mutable Mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ VAGUS_GUARDED_BY(mutex_) = false;
  TimePoint last_ VAGUS_GUARDED_BY(mutex_) = Deadline::now();
  std::deque<Gap> gaps_ VAGUS_GUARDED_BY(mutex_);
  std::thread thread_;  // last: it uses the others
};

}  // namespace vagus::load
