#include <vagus/core/deadline_queue.hpp>

namespace vagus {

namespace {

constexpr std::size_t max_spare = 256;

}  // namespace

std::optional<TimePoint> DeadlineQueue::add(const std::shared_ptr<Transaction>& transaction) {
  if (transaction->deadline().is_never()) return std::nullopt;
  const TimePoint at = transaction->deadline().at();
  transaction->deadline_watched();
  MutexLock lock(mutex_);
  // At the end: most calls have the same timeout, so that the latest call has the latest deadline.
  Queue::iterator added;
  if (spare_.empty()) {
    added = queue_.emplace_hint(queue_.end(), Key{at, transaction.get()}, transaction);
  } else {
    Queue::node_type node = std::move(spare_.back());
    spare_.pop_back();
    node.key() = Key{at, transaction.get()};
    node.mapped() = transaction;
    added = queue_.insert(queue_.end(), std::move(node));
  }
  return added == queue_.begin() ? std::optional(at) : std::nullopt;
}

void DeadlineQueue::remove(const Transaction& transaction) {
  if (!transaction.is_deadline_watched()) return;
  std::shared_ptr<Transaction> removed;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  const auto found = queue_.find(Key{transaction.deadline().at(), &transaction});
  if (found == queue_.end()) return;
  removed.swap(found->second);
  auto node = queue_.extract(found);
  if (spare_.size() < max_spare) spare_.push_back(std::move(node));
  lock.unlock();
}

std::vector<std::shared_ptr<Transaction>> DeadlineQueue::take_passed(TimePoint now) {
  std::vector<std::shared_ptr<Transaction>> passed;
  MutexLock lock(mutex_);
  while (!queue_.empty() && queue_.begin()->first.first <= now) {
    passed.push_back(std::move(queue_.begin()->second));
    queue_.erase(queue_.begin());
  }
  return passed;
}

std::optional<TimePoint> DeadlineQueue::earliest() const {
  MutexLock lock(mutex_);
  return queue_.empty() ? std::nullopt : std::optional(queue_.begin()->first.first);
}

std::vector<std::shared_ptr<Transaction>> DeadlineQueue::clear() {
  std::vector<std::shared_ptr<Transaction>> all;
  MutexLock lock(mutex_);
  for (auto& [key, transaction] : queue_) all.push_back(std::move(transaction));
  queue_.clear();
  return all;
}

}  // namespace vagus
