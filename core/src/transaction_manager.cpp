#include <utility>

#include <vagus/core/transaction_manager.hpp>

namespace vagus {

namespace {

constexpr std::size_t max_spare = 256;

}  // namespace

TransactionManager::TransactionManager(std::size_t max_pending, TransactionIdGenerator* generator)
    : max_pending_(max_pending) {
  if (generator == nullptr) return;
  (generator->side() == Side::head ? head_ids_ : body_ids_) = generator;
}

ErrorPtr TransactionManager::open(const std::shared_ptr<Transaction>& transaction, Side side,
                                  std::uint64_t link) {
  MutexLock lock(mutex_);
  if (closed_) {
    return make_error<TransportFinishedError>("the ApiArb was stopped",
                                              transaction->context(Execution::not_sent));
  }
  std::size_t& on_link = per_link_[link];
  if (on_link >= max_pending_) {
    return make_error<OverloadedError>("this link has " + std::to_string(on_link) +
                                           " calls without an answer, and no more are allowed (max_pending)",
                                       transaction->context(Execution::not_sent));
  }
  const TransactionId id = unused_id(side);
  transaction->filed(id, link);
  insert(id, Entry{transaction, link});
  ++on_link;
  return nullptr;
}

TransactionId TransactionManager::unused_id(Side side) {
  // Ends: there are 2^31 ids of a side, and memory for far fewer entries.
  for (;;) {
    const TransactionId id = (side == Side::head ? head_ids_ : body_ids_)->next();
    if (!entries_.contains(id)) return id;
  }
}

void TransactionManager::insert(TransactionId id, Entry entry) {
  if (spare_.empty()) {
    entries_.emplace(id, std::move(entry));
    return;
  }
  auto node = std::move(spare_.back());
  spare_.pop_back();
  node.key() = id;
  node.mapped() = std::move(entry);
  entries_.insert(std::move(node));
}

void TransactionManager::erase(Entries::iterator entry) {
  entry->second.transaction = nullptr;
  auto node = entries_.extract(entry);
  if (spare_.size() < max_spare) spare_.push_back(std::move(node));
}

std::size_t TransactionManager::release_link(std::uint64_t link) {
  const auto found = per_link_.find(link);
  return found != per_link_.end() ? --found->second : 0;
}

std::shared_ptr<Transaction> TransactionManager::take(TransactionId id, std::uint64_t link,
                                                      std::size_t* left) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.link != link) {
    unknown_replies_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  auto transaction = std::move(found->second.transaction);
  erase(found);
  const std::size_t remaining = release_link(link);
  if (left != nullptr) *left = remaining;
  if (!transaction) {
    --reserved_;
    late_replies_.fetch_add(1, std::memory_order_relaxed);
  }
  return transaction;
}

std::shared_ptr<Transaction> TransactionManager::find(TransactionId id, std::uint64_t link) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.link == link ? found->second.transaction : nullptr;
}

bool TransactionManager::reserve(TransactionId id) {
  std::shared_ptr<Transaction> ended;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || !found->second.transaction) return false;
  ended.swap(found->second.transaction);
  ++reserved_;
  lock.unlock();
  return true;
}

void TransactionManager::forget(TransactionId id) {
  std::shared_ptr<Transaction> forgotten;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  forgotten.swap(found->second.transaction);
  if (!forgotten) --reserved_;
  const std::uint64_t link = found->second.link;
  erase(found);
  release_link(link);
  // The link may have ended before this call was filed: then nothing else would remove it.
  if (const auto count = per_link_.find(link); count != per_link_.end() && count->second == 0) {
    per_link_.erase(count);
  }
  lock.unlock();
}

std::vector<std::shared_ptr<Transaction>> TransactionManager::end_link(std::uint64_t link) {
  std::vector<std::shared_ptr<Transaction>> pending;
  MutexLock lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.link != link) {
      ++entry;
      continue;
    }
    if (entry->second.transaction) {
      pending.push_back(std::move(entry->second.transaction));
    } else {
      --reserved_;
    }
    entry = entries_.erase(entry);
  }
  per_link_.erase(link);
  return pending;
}

std::vector<std::shared_ptr<Transaction>> TransactionManager::close() {
  std::vector<std::shared_ptr<Transaction>> pending;
  MutexLock lock(mutex_);
  closed_ = true;
  for (auto& [id, entry] : entries_) {
    if (entry.transaction) pending.push_back(std::move(entry.transaction));
  }
  entries_.clear();
  per_link_.clear();
  reserved_ = 0;
  return pending;
}

std::size_t TransactionManager::pending() const {
  MutexLock lock(mutex_);
  return entries_.size() - reserved_;
}

std::size_t TransactionManager::reserved() const {
  MutexLock lock(mutex_);
  return reserved_;
}

}  // namespace vagus
