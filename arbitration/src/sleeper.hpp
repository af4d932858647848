/// A thread that waits for its call.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>
#include <vagus/transport/link.hpp>

namespace vagus {

/// Where one blocked thread sleeps, either here or in the link that it reads; whatever concerns it wakes it
/// up. Used by one thread; the functions for others say so.
class Sleeper final : public Transaction::Watcher {
 public:
  // For others, from any thread
  // -----------------------------------------------------------------------------------

  /// The call has ended.
  void ended() noexcept override { wake(); }
  void wake() noexcept;
  /// Hands the reader role over.
  void make_reader() noexcept;
  /// Something to run for the thread, which then wakes up; false if it does not take anything any more.
  bool deliver(std::function<void()> work);

  // For the thread itself
  // -----------------------------------------------------------------------------------------

  /// Sleeps until woken or the deadline. A wake-up that came before counts.
  void sleep(Deadline deadline);
  /// From now on a wake-up interrupts the link as well. If one came before, the link's next wait returns at
  /// once.
  void begin_reading(transport::Link& link);
  void end_reading();
  bool is_reader() const;
  bool has_delivered() const;
  /// Runs what was delivered.
  void run_delivered();
  /// Takes nothing more; what was delivered meanwhile is run.
  void finish();

 private:
  void notify() noexcept VAGUS_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::condition_variable changed_;
  bool woken_ VAGUS_GUARDED_BY(mutex_) = false;
  bool reader_ VAGUS_GUARDED_BY(mutex_) = false;
  bool finished_ VAGUS_GUARDED_BY(mutex_) = false;
  transport::Link* link_ VAGUS_GUARDED_BY(mutex_) = nullptr;
  std::deque<std::function<void()>> delivered_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
