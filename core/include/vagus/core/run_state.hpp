/// How far one handled request has come, and whom to interrupt when nobody waits for its answer any more.
#pragma once

#include <atomic>
#include <cstdint>

#include <vagus/core/mutex.hpp>

namespace vagus::detail {

class NestedWait;
class WorkerThread;

/// Asked to stop, answered, running on a worker: in one word, so that each of those who change it knows which
/// of the others came before.
///
/// A request that is told to stop while its handler runs on a worker has that thread interrupted, in the
/// sense of Boost.Thread: once, and never after the handler has ended or while the thread runs something else
/// inside of it. What it waits for by a NestedWait is given up likewise: those that it waits for at that
/// moment, or if there are none the next one, and none later, so that a handler may still clean up by calls.
/// All functions are safe from any thread, unless they say otherwise.
class RunState {
 public:
  bool stop_requested() const noexcept {
    return (state_.load(std::memory_order_acquire) & stop) != 0;  // PAIR run-state
  }
  /// True for the first one; interrupts the handler.
  bool request_stop() noexcept;

  bool answered() const noexcept {
    return (state_.load(std::memory_order_acquire) & answer) != 0;  // PAIR run-state
  }
  /// True for exactly one caller. From now on nothing is interrupted.
  bool claim_answer() noexcept {
    return (state_.fetch_or(answer, std::memory_order_acq_rel) & answer) == 0;  // PAIR run-state
  }

  /// After request_stop(): gives up what the handler waits for. Under no lock.
  void end_waits() noexcept;
  /// True once, if it was told to stop and did not wait then nor since: what it is about to wait for is not
  /// to be.
  bool take_end_of_wait() noexcept;

  /// The handler begins, or goes on, on the calling thread, which is `thread`; a coroutine possibly before
  /// the thread that ran it last has left it.
  void enter(WorkerThread& thread) noexcept;
  /// It ends or makes way, on the same thread; when this returns, no interruption of it is under way there.
  void leave(WorkerThread& thread) noexcept;

 private:
  friend class NestedWait;
  static constexpr std::uintptr_t stop = 1;
  static constexpr std::uintptr_t answer = 2;
  static constexpr std::uintptr_t told = 4;  // to stop, by an interruption
  static constexpr std::uintptr_t flags = stop | answer | told;

  static WorkerThread* runner(std::uintptr_t state) noexcept {
    return reinterpret_cast<WorkerThread*>(state & ~flags);
  }
  void tell(WorkerThread* thread) noexcept;
  /// False: it is to be given up at once.
  bool add(NestedWait& wait) noexcept;
  void remove(NestedWait& wait) noexcept;
  bool stops_wait() noexcept VAGUS_REQUIRES(mutex_);

  // The thread that runs the handler, or none, and the flags in the bits that its alignment leaves.
  // PAIR run-state: whoever sees the thread, or `stop` or `answer`, sees what was done before it was set.
  std::atomic<std::uintptr_t> state_{0};
  Mutex mutex_;  // held from the setting of `stop` until the interruption is done: leave() waits for it
  bool wait_stopped_ VAGUS_GUARDED_BY(mutex_) = false;
  NestedWait* waits_ VAGUS_GUARDED_BY(mutex_) = nullptr;
  NestedWait* doomed_ VAGUS_GUARDED_BY(mutex_) = nullptr;  // those of them that are being given up
};

}  // namespace vagus::detail
