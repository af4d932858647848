/// A thread that waits for its call.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <thread>
#include <vector>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>
#include <vagus/transport/link.hpp>

namespace vagus {

/// Where one blocked thread sleeps, either here or in the link that it reads; whatever concerns it wakes it
/// up. Used by one thread, that which makes it; the functions for others say so.
class Sleeper final : public Transaction::Watcher {
 public:
  /// Where what is delivered comes from.
  class Source {
   public:
    /// It takes something again: what it refused since then may be delivered now.
    virtual void takes_again(Sleeper& sleeper) = 0;

   protected:
    ~Source() = default;
  };

  // For others, from any thread
  // -----------------------------------------------------------------------------------

  /// The call has ended.
  void ended() noexcept override;
  /// Hands the reader role over.
  void make_reader() noexcept;
  /// Something to run for the thread, which then wakes up; false if it does not take anything any more, or
  /// has something to run already: that may block in turn, and what came after it would have to wait for it.
  bool deliver(std::function<void()> work);

  // For the thread itself
  // -----------------------------------------------------------------------------------------

  /// Sleeps until woken or the deadline. A wake-up that came before counts.
  void sleep(Deadline deadline);
  /// From now on a wake-up interrupts the link as well. If one came before, the link's next wait returns at
  /// once.
  void begin_reading(transport::Link& link);
  void end_reading();
  /// This very thread has ended the call, by reading its answer: nobody else is about to tell of it.
  bool ended_here() const noexcept { return ended_here_; }
  /// Between begin_reading() and end_reading().
  bool is_reading() const noexcept { return reading_; }
  bool is_reader() const noexcept { return reader_.load(std::memory_order_acquire); }  // PAIR sleeper-told
  bool has_delivered() const noexcept {
    return has_delivered_.load(std::memory_order_acquire);  // PAIR sleeper-told
  }
  /// Runs what was delivered.
  void run_delivered();
  /// Before anything can be delivered.
  void set_source(Source& source) noexcept { source_ = &source; }
  /// Takes nothing more; what was delivered meanwhile is run.
  void finish();

 private:
  void notify() noexcept VAGUS_REQUIRES(mutex_);

  const std::thread::id thread_ = std::this_thread::get_id();
  bool reading_ = false;  // this and the next two are used by the thread itself only
  bool ended_here_ = false;
  Source* source_ = nullptr;
  // Written under mutex_, and read without it by the thread itself: each change comes with a wake-up after
  // it. PAIR sleeper-told: the thread that is made the reader finds the link as the reader before left it.
  std::atomic<bool> reader_{false};
  std::atomic<bool> has_delivered_{false};

  mutable Mutex mutex_;
  std::condition_variable changed_;
  bool woken_ VAGUS_GUARDED_BY(mutex_) = false;
  bool finished_ VAGUS_GUARDED_BY(mutex_) = false;
  bool running_ VAGUS_GUARDED_BY(mutex_) = false;  // what was delivered
  transport::Link* link_ VAGUS_GUARDED_BY(mutex_) = nullptr;
  std::vector<std::function<void()>> delivered_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
