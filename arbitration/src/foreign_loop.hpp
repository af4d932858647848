/// What an event loop of the program's runs for an arbitrator.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>

#include <vagus/core/deadline.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus {

class Intake;

/// The intakes that have something to run, in the order in which they came by it, and a descriptor that is
/// readable while there are any. Each stands here at most as often as it has workers; whoever takes it runs
/// one piece of its work. All functions are safe from any thread.
///
/// The descriptor is set under the lock under which the first intake comes, and reset under it when the last
/// one has gone and whoever took it comes back: no wake-up is missed, and none comes for nothing but while
/// another thread is in process().
class ForeignLoop {
 public:
  /// Throws std::system_error if there is no descriptor to be had.
  ForeignLoop();
  ~ForeignLoop();
  ForeignLoop(const ForeignLoop&) = delete;
  ForeignLoop& operator=(const ForeignLoop&) = delete;

  // For intakes
  // -----------------------------------------------------------------------------------------------------

  /// One piece of its work may run.
  void push(std::shared_ptr<Intake> intake);
  /// So many pieces of work have come, or were taken out.
  void came(std::size_t pieces) noexcept { pieces_.fetch_add(pieces, std::memory_order_relaxed); }
  void went(std::size_t pieces) noexcept { pieces_.fetch_sub(pieces, std::memory_order_relaxed); }

  // For who runs it
  // -------------------------------------------------------------------------------------------------

  /// Readable while something waits.
  int descriptor() const noexcept { return descriptor_; }
  /// Runs what waits now, at most so many pieces, and begins none after the deadline but the first. How many
  /// it has run.
  std::size_t process(std::size_t at_most, Deadline until);
  /// Runs one callback, or has one coroutine go on; false if there is none.
  bool process_continuation();
  /// Is the calling thread inside of process()?
  bool inside() const noexcept;
  /// Has any thread ever been inside of process()?
  bool ever_processed() const noexcept { return ever_processed_.load(std::memory_order_relaxed); }

  /// Waits until there is something to run, or until interrupt().
  void wait() const;
  /// Ends every wait(), now and later.
  void interrupt() noexcept;
  /// Runs all there is, and returns when no other thread is inside of process() any more.
  void finish();
  /// Drops what waits, and what still comes.
  void close() noexcept;

 private:
  class Inside;

  std::shared_ptr<Intake> take();
  std::shared_ptr<Intake> take_with_callbacks();
  void announce() VAGUS_REQUIRES(mutex_);
  /// Resets the descriptor if nothing waits.
  void settle() noexcept;

  const int descriptor_;
  const detail::HomeProcess home_;      // a forked child shares the descriptor with its parent
  std::atomic<std::size_t> pieces_{0};  // relaxed: a bound, so that what comes meanwhile is left for later
  std::atomic<bool> ever_processed_{false};

  mutable Mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<std::shared_ptr<Intake>> ready_ VAGUS_GUARDED_BY(mutex_);
  bool readable_ VAGUS_GUARDED_BY(mutex_) = false;  // the descriptor
  bool interrupted_ VAGUS_GUARDED_BY(mutex_) = false;
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
  std::size_t inside_ VAGUS_GUARDED_BY(mutex_) = 0;  // calls of process(), also those inside of another
};

}  // namespace vagus
