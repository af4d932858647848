#include "sleeper.hpp"

#include <utility>

namespace vagus {

void Sleeper::notify() noexcept {
  woken_ = true;
  // Both under the lock: once it is free the thread may wake by itself, leave, and take this object with it.
  if (link_ != nullptr) link_->interrupt();
  changed_.notify_one();
}

void Sleeper::ended() noexcept {
  // The thread has read the answer by itself: it looks before it sleeps.
  if (std::this_thread::get_id() == thread_) {
    ended_here_ = true;
    return;
  }
  MutexLock lock(mutex_);
  notify();
}

void Sleeper::make_reader() noexcept {
  MutexLock lock(mutex_);
  reader_.store(true, std::memory_order_release);  // PAIR sleeper-told
  notify();
}

bool Sleeper::deliver(std::function<void()> work) {
  MutexLock lock(mutex_);
  if (finished_ || running_ || !delivered_.empty()) return false;
  delivered_.push_back(std::move(work));
  has_delivered_.store(true, std::memory_order_release);  // PAIR sleeper-told
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
  reading_ = true;
  MutexLock lock(mutex_);
  reader_.store(true, std::memory_order_release);  // PAIR sleeper-told
  link_ = &link;
  if (std::exchange(woken_, false)) link.interrupt();
}

void Sleeper::end_reading() {
  reading_ = false;
  MutexLock lock(mutex_);
  reader_.store(false, std::memory_order_release);  // PAIR sleeper-told
  link_ = nullptr;
}

void Sleeper::run_delivered() {
  if (!has_delivered()) return;
  for (;;) {
    std::vector<std::function<void()>> all;
    {
      MutexLock lock(mutex_);
      has_delivered_.store(false, std::memory_order_release);  // PAIR sleeper-told
      all.swap(delivered_);
      running_ = !all.empty();
    }
    if (all.empty()) return;
    for (const auto& work : all) work();
    {
      MutexLock lock(mutex_);
      running_ = false;
    }
    if (source_ != nullptr) source_->takes_again(*this);
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
