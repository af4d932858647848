/// Lets runs of a function in until it is closed, and then waits for those that are inside.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus::detail {

/// The guard of everything that a user may take away while it runs: handlers, subscriptions, hooks.
///
/// A run is entered and left once each, not necessarily on one thread (a coroutine wanders). A close() inside
/// of a run does not wait for that one: it is found in the CallContext of the run, see ContextScope. A forked
/// child waits for nobody: whoever was inside did not come along.
class Gate {
 public:
  Gate() noexcept;

  /// False once closed: do not run.
  bool enter() noexcept;
  void leave() noexcept;

  /// Lets nobody in any more, and does not wait for those inside.
  void shut() noexcept;
  /// Lets nobody in any more and waits until all are out, but for the runs this very thread is inside of.
  void close() noexcept;
  bool closed() const noexcept;

  /// Waits until all are out, but for the runs this very thread is inside of; false at the deadline.
  bool wait_empty(Deadline deadline) const;

 private:
  /// How many runs of this gate the calling thread is inside of.
  std::size_t own_runs() const noexcept;
  std::size_t running() const noexcept;
  bool in_forked_child() const noexcept;
  /// Until somebody has left, perhaps; a thread with duties does them meanwhile. False at the deadline.
  bool wait_for_leaver(MutexLock& lock, Deadline deadline) const;

  // The number of runs inside, above two flags: closed; watched, so that whoever leaves tells. All accesses
  // are seq_cst. While a flag is set the number falls only under mutex_: after close() has returned, this
  // gate may be gone.
  mutable std::atomic<std::size_t> state_{0};
  const unsigned made_after_;  // so many forks
  mutable Mutex mutex_;
  mutable std::condition_variable left_;
  mutable std::size_t watchers_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::size_t closing_inside_ VAGUS_GUARDED_BY(mutex_) = 0;  // runs whose own thread waits in close()
};

}  // namespace vagus::detail
