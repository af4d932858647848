#include "common/call_gate.hpp"

#include <algorithm>

namespace vagus::transport {

bool CallGate::enter() {
  MutexLock lock(mutex_);
  if (closed_) return false;
  inside_.push_back(std::this_thread::get_id());
  return true;
}

void CallGate::leave() noexcept {
  MutexLock lock(mutex_);
  inside_.erase(std::find(inside_.begin(), inside_.end(), std::this_thread::get_id()));
  left_.notify_all();
}

void CallGate::close() noexcept {
  MutexLock lock(mutex_);
  closed_ = true;
  while (others_inside()) left_.wait(lock.native());
}

bool CallGate::others_inside() const noexcept {
  const auto self = std::this_thread::get_id();
  return std::any_of(inside_.begin(), inside_.end(),
                     [self](std::thread::id thread) { return thread != self; });
}

}  // namespace vagus::transport
