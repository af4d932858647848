#include "sleeper.hpp"

#include <algorithm>
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

void BlockedWorkers::add(std::uint64_t chain, std::uint64_t link, Sleeper& sleeper) {
  MutexLock lock(mutex_);
  chains_[chain].push_back({link, &sleeper});
}

void BlockedWorkers::remove(std::uint64_t chain, Sleeper& sleeper) {
  MutexLock lock(mutex_);
  const auto found = chains_.find(chain);
  if (found == chains_.end()) return;
  std::erase_if(found->second, [&](const Blocked& blocked) { return blocked.sleeper == &sleeper; });
  if (found->second.empty()) chains_.erase(found);
}

bool BlockedWorkers::deliver(std::uint64_t chain, std::uint64_t link, std::function<void()>& work) {
  MutexLock lock(mutex_);
  const auto found = chains_.find(chain);
  if (found == chains_.end()) return false;
  for (auto blocked = found->second.rbegin(); blocked != found->second.rend(); ++blocked) {
    // Under the lock: remove() keeps the sleeper from going away meanwhile.
    if ((link == 0 || blocked->link == link) && blocked->sleeper->deliver(work)) return true;
  }
  return false;
}

}  // namespace vagus
