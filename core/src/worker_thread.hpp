/// One thread of a pool, as those see it that want it to stop what it is doing.
#pragma once

#include <boost/thread/thread.hpp>

namespace vagus::detail {

/// Stays where it is for as long as its thread runs. Its alignment leaves the bits of an address that
/// RunState keeps its flags in.
class alignas(8) WorkerThread {
 public:
  /// That of the calling thread; null if that belongs to no pool.
  static WorkerThread* current() noexcept { return current_; }
  /// By the thread itself, when it begins.
  void be_current() noexcept { current_ = this; }

  /// Ends the interruption point that it waits at, or comes to next. Safe from any thread.
  void interrupt() noexcept { thread.interrupt(); }
  /// Takes back what the calling thread was interrupted by and has not noticed; false if there is nothing, or
  /// it has disabled interruptions.
  static bool withdraw_interruption() noexcept;

  boost::thread thread;

 private:
  static thread_local WorkerThread* current_;
};

}  // namespace vagus::detail
