#include <algorithm>

#include <vagus/api/progress_window.hpp>

namespace vagus::detail {

void ProgressWindow::keep(std::uint32_t size) noexcept {
  MutexLock lock(mutex_);
  kept_ = size;
}

ProgressWindow::Outcome ProgressWindow::take(Deadline deadline) {
  MutexLock lock(mutex_);
  while (!closed_ && sent_ >= std::max(size_, kept_)) {
    if (kept_ != 0) return Outcome::full;
    if (!wait_until(changed_, lock, deadline)) return closed_ ? Outcome::closed : Outcome::full;
  }
  if (closed_) return Outcome::closed;
  ++sent_;
  return Outcome::taken;
}

ProgressWindow::Outcome ProgressWindow::try_take() {
  MutexLock lock(mutex_);
  if (closed_) return Outcome::closed;
  if (sent_ >= size_) return Outcome::full;
  ++sent_;
  return Outcome::taken;
}

void ProgressWindow::acknowledge(std::uint64_t parts) noexcept {
  MutexLock lock(mutex_);
  sent_ -= std::min(sent_, parts);
  changed_.notify_all();
}

void ProgressWindow::close() noexcept {
  MutexLock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace vagus::detail
