/// Lets runs of a function in until it is closed, and then waits for those that are inside.
#pragma once

#include <condition_variable>
#include <cstddef>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus::detail {

/// The guard of everything that a user may take away while it runs: handlers, subscriptions, hooks.
///
/// A run is entered and left once each, not necessarily on one thread (a coroutine wanders). A close() inside
/// of a run does not wait for that one: it is found in the CallContext of the run, see ContextScope.
class Gate {
 public:
  /// False once closed: do not run.
  bool enter();
  void leave() noexcept;

  /// Lets nobody in any more and waits until all are out, but for the runs this very thread is inside of.
  void close() noexcept;
  bool closed() const;

  /// Waits until all are out, but for the runs this very thread is inside of; false at the deadline.
  bool wait_empty(Deadline deadline) const;

 private:
  /// How many runs of this gate the calling thread is inside of.
  std::size_t own_runs() const noexcept;

  mutable Mutex mutex_;
  mutable std::condition_variable left_;
  std::size_t running_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::size_t closing_inside_ VAGUS_GUARDED_BY(mutex_) = 0;  // runs whose own thread waits in close()
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::detail
