#include <vagus/core/call_context.hpp>
#include <vagus/core/gate.hpp>

namespace vagus::detail {

bool Gate::enter() {
  MutexLock lock(mutex_);
  if (closed_) return false;
  ++running_;
  return true;
}

void Gate::leave() noexcept {
  MutexLock lock(mutex_);
  --running_;
  // Under the lock: after close() has returned this gate may be gone.
  left_.notify_all();
}

void Gate::close() noexcept {
  const std::size_t own = own_runs();
  MutexLock lock(mutex_);
  closed_ = true;
  // Two threads that close from inside two runs would wait for each other: those that wait here count as out.
  closing_inside_ += own;
  if (own != 0) left_.notify_all();
  while (running_ > closing_inside_) left_.wait(lock.native());
  closing_inside_ -= own;
}

bool Gate::wait_empty(Deadline deadline) const {
  const std::size_t own = own_runs();
  MutexLock lock(mutex_);
  while (running_ > own && wait_until(left_, lock, deadline)) {
  }
  return running_ <= own;
}

bool Gate::closed() const {
  MutexLock lock(mutex_);
  return closed_;
}

std::size_t Gate::own_runs() const noexcept { return runs_inside(*this); }

}  // namespace vagus::detail
