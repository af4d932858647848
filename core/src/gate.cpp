#include <vagus/core/call_context.hpp>
#include <vagus/core/gate.hpp>

namespace vagus::detail {

namespace {

constexpr std::size_t closed_flag = 1;
constexpr std::size_t watched_flag = 2;
constexpr std::size_t flags = closed_flag | watched_flag;
constexpr std::size_t one_run = 4;

}  // namespace

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
  MutexLock lock(mutex_);
  state_.fetch_sub(one_run);
  left_.notify_all();
}

void Gate::close() noexcept {
  const std::size_t own = own_runs();
  MutexLock lock(mutex_);
  state_.fetch_or(closed_flag);
  // Two threads that close from inside two runs would wait for each other: those that wait here count as out.
  closing_inside_ += own;
  if (own != 0) left_.notify_all();
  while (running() > closing_inside_) left_.wait(lock.native());
  closing_inside_ -= own;
}

bool Gate::wait_empty(Deadline deadline) const {
  const std::size_t own = own_runs();
  MutexLock lock(mutex_);
  if (watchers_++ == 0) state_.fetch_or(watched_flag);
  while (running() > own && wait_until(left_, lock, deadline)) {
  }
  if (--watchers_ == 0) state_.fetch_and(~watched_flag);
  return running() <= own;
}

bool Gate::closed() const noexcept { return (state_.load() & closed_flag) != 0; }

std::size_t Gate::running() const noexcept { return state_.load() / one_run; }

std::size_t Gate::own_runs() const noexcept { return runs_inside(*this); }

}  // namespace vagus::detail
