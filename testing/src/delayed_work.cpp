#include "delayed_work.hpp"

#include <utility>

namespace vagus::detail {

void DelayedWork::add(Duration delay, std::function<void()> work) {
  MutexLock lock(mutex_);
  if (stopped_) return;
  due_.emplace(Deadline::after(delay), std::move(work));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
}

void DelayedWork::stop() {
  std::multimap<Deadline, std::function<void()>> dropped;  // destroyed outside of the lock
  std::thread thread;
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    dropped.swap(due_);
    thread.swap(thread_);
    changed_.notify_all();
  }
  if (thread.joinable()) thread.join();
}

void DelayedWork::run() {
  MutexLock lock(mutex_);
  while (!stopped_) {
    if (due_.empty() || !due_.begin()->first.passed()) {
      static_cast<void>(wait_until(changed_, lock, due_.empty() ? Deadline::never() : due_.begin()->first));
      continue;
    }
    const std::function<void()> work = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace vagus::detail
