#include "sleeper.hpp"

#include <utility>

namespace vagus {

void Sleeper::notify() noexcept {
  woken_ = true;
  // Both under the lock: once it is free the thread may wake by itself, leave, and take this object with it.
  if (link_ != nullptr) link_->interrupt();
  changed_.notify_one();
}

void Sleeper::wake() noexcept {
  MutexLock lock(mutex_);
  notify();
}

void Sleeper::make_reader() noexcept {
  MutexLock lock(mutex_);
  reader_ = true;
  notify();
}

bool Sleeper::deliver(std::function<void()> work) {
  MutexLock lock(mutex_);
  if (finished_) return false;
  delivered_.push_back(std::move(work));
  notify();
  return true;
}

void Sleeper::sleep(Deadline deadline) {
  MutexLock lock(mutex_);
  while (!woken_ && wait_until(changed_, lock, deadline)) {
  }
  woken_ = false;
}

void Sleeper::begin_reading(transport::Link& link) {
  MutexLock lock(mutex_);
  reader_ = true;
  link_ = &link;
  if (std::exchange(woken_, false)) link.interrupt();
}

void Sleeper::end_reading() {
  MutexLock lock(mutex_);
  reader_ = false;
  link_ = nullptr;
}

bool Sleeper::is_reader() const {
  MutexLock lock(mutex_);
  return reader_;
}

bool Sleeper::has_delivered() const {
  MutexLock lock(mutex_);
  return !delivered_.empty();
}

void Sleeper::run_delivered() {
  for (;;) {
    std::function<void()> work;
    {
      MutexLock lock(mutex_);
      if (delivered_.empty()) return;
      work = std::move(delivered_.front());
      delivered_.pop_front();
    }
    work();
  }
}

void Sleeper::finish() {
  {
    MutexLock lock(mutex_);
    finished_ = true;
  }
  run_delivered();
}

}  // namespace vagus
