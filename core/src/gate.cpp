#include <chrono>

#include <vagus/core/call_context.hpp>
#include <vagus/core/duty.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/core/home_process.hpp>

namespace vagus::detail {

namespace {

constexpr std::size_t closed_flag = 1;
constexpr std::size_t watched_flag = 2;
constexpr std::size_t flags = closed_flag | watched_flag;
constexpr std::size_t one_run = 4;

// A run that is suspended may end elsewhere or by what this thread has to do: it looks for both.
constexpr Duration look_out_time = std::chrono::milliseconds(1);

}  // namespace

Gate::Gate() noexcept : made_after_(forks_so_far()) {}

bool Gate::in_forked_child() const noexcept { return forks_so_far() != made_after_; }

bool Gate::enter() noexcept {
  std::size_t state = state_.load();
  do {
    if ((state & closed_flag) != 0) return false;
  } while (!state_.compare_exchange_weak(state, state + one_run));
  return true;
}

void Gate::leave() noexcept {
  std::size_t state = state_.load();
  while ((state & flags) == 0) {
    if (state_.compare_exchange_weak(state, state - one_run)) return;
  }
  if (in_forked_child()) return;
  MutexLock lock(mutex_);
  state_.fetch_sub(one_run);
  left_.notify_all();
}

void Gate::shut() noexcept { state_.fetch_or(closed_flag); }

void Gate::close() noexcept {
  if (in_forked_child()) {
    shut();
    return;
  }
  const std::size_t own = own_runs();
  MutexLock lock(mutex_);
  shut();
  // Two threads that close from inside two runs would wait for each other: those that wait here count as out.
  closing_inside_ += own;
  if (own != 0) left_.notify_all();
  while (running() > closing_inside_) wait_for_leaver(lock, Deadline::never());
  closing_inside_ -= own;
}

bool Gate::wait_empty(Deadline deadline) const {
  if (in_forked_child()) return true;
  const std::size_t own = own_runs();
  MutexLock lock(mutex_);
  if (watchers_++ == 0) state_.fetch_or(watched_flag);
  while (running() > own && wait_for_leaver(lock, deadline)) {
  }
  if (--watchers_ == 0) state_.fetch_and(~watched_flag);
  return running() <= own;
}

bool Gate::wait_for_leaver(MutexLock& lock, Deadline deadline) const VAGUS_NO_THREAD_SAFETY_ANALYSIS {
  if (!has_duties()) return wait_until(left_, lock, deadline);
  lock.unlock();
  const bool worked = do_duties(Duty::Extent::continuations);
  lock.lock();
  if (worked) return true;
  if (deadline.passed()) return false;
  wait_until(left_, lock, Deadline::after(look_out_time));
  return true;
}

bool Gate::closed() const noexcept { return (state_.load() & closed_flag) != 0; }

std::size_t Gate::running() const noexcept { return state_.load() / one_run; }

std::size_t Gate::own_runs() const noexcept { return runs_inside(*this); }

}  // namespace vagus::detail
