// Who comes first is decided by the order of the changes to state_. claim_answer() before request_stop():
// nothing is interrupted. request_stop() first: leave(), which comes after, sees `stop` and waits for mutex_,
// hence for the interruption; what of it has not been noticed by then is taken back.

#include <utility>

#include <vagus/core/nested_wait.hpp>
#include <vagus/core/run_state.hpp>

#include "worker_thread.hpp"

namespace vagus::detail {

thread_local WorkerThread* WorkerThread::current_ = nullptr;

bool WorkerThread::withdraw_interruption() noexcept {
  if (!boost::this_thread::interruption_requested()) return false;
  try {
    boost::this_thread::interruption_point();
    return false;
  } catch (const boost::thread_interrupted&) {
    return true;
  }
}

bool RunState::request_stop() noexcept {
  MutexLock lock(mutex_);
  const std::uintptr_t before = state_.fetch_or(stop, std::memory_order_acq_rel);  // PAIR run-state
  if ((before & stop) != 0) return false;
  if ((before & answer) == 0) tell(runner(before));
  return true;
}

void RunState::tell(WorkerThread* thread) noexcept {
  if (thread == nullptr) return;
  state_.fetch_or(told, std::memory_order_relaxed);  // counts by its place in the order of changes alone
  thread->interrupt();
}

void RunState::enter(WorkerThread& thread) noexcept {
  static_assert(alignof(WorkerThread) > flags);
  const auto mine = reinterpret_cast<std::uintptr_t>(&thread);
  std::uintptr_t before = state_.load(std::memory_order_relaxed);
  // PAIR run-state
  while (!state_.compare_exchange_weak(before, mine | (before & flags), std::memory_order_acq_rel)) {
  }
  if ((before & (stop | told | answer)) == stop) tell(&thread);
}

void RunState::leave(WorkerThread& thread) noexcept {
  std::uintptr_t before = state_.load(std::memory_order_acquire);  // PAIR run-state
  // Answered, and not told to stop before that: nobody interrupts it any more.
  if ((before & (answer | stop)) == answer) return;
  // A coroutine may have gone on elsewhere by now, and is left where it is. PAIR run-state.
  while (runner(before) == &thread &&
         !state_.compare_exchange_weak(before, before & flags, std::memory_order_acq_rel)) {
  }
  if ((before & stop) == 0) return;
  const MutexLock interrupted(mutex_);
  if (!WorkerThread::withdraw_interruption()) return;
  // It goes on elsewhere: if it entered before this change, it is told by us; if after, by itself.
  before = state_.fetch_and(~told, std::memory_order_acq_rel);  // PAIR run-state
  if ((before & answer) == 0) tell(runner(before));
}

bool RunState::stops_wait() noexcept {
  // PAIR run-state
  if ((state_.load(std::memory_order_acquire) & (stop | answer)) != stop) return false;
  return !std::exchange(wait_stopped_, true);
}

bool RunState::take_end_of_wait() noexcept {
  if (!stop_requested()) return false;
  MutexLock lock(mutex_);
  return stops_wait();
}

bool RunState::add(NestedWait& wait) noexcept {
  MutexLock lock(mutex_);
  if (stops_wait()) return false;
  wait.next_ = std::exchange(waits_, &wait);
  return true;
}

void RunState::remove(NestedWait& wait) noexcept {
  MutexLock lock(mutex_);
  for (NestedWait** list : {&waits_, &doomed_}) {
    for (NestedWait** link = list; *link != nullptr; link = &(*link)->next_) {
      if (*link != &wait) continue;
      *link = wait.next_;
      return;
    }
  }
}

void RunState::end_waits() noexcept {
  {
    MutexLock lock(mutex_);
    if (waits_ == nullptr || !stops_wait()) return;
    doomed_ = std::exchange(waits_, nullptr);
  }
  for (;;) {
    NestedWait::Awaited awaited;
    {
      MutexLock lock(mutex_);
      if (doomed_ == nullptr) return;
      // Copied: its wait may end, and what lies on that stack be gone, before it is given up.
      awaited = doomed_->awaited_;
      doomed_ = doomed_->next_;
    }
    awaited.give_up();
  }
}

}  // namespace vagus::detail
