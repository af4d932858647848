#include <utility>

#include <vagus/core/transaction_manager.hpp>

namespace vagus {

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
  Slot& slot = unused_slot(side);
  transaction->filed(slot.id, link);
  slot.transaction = transaction;
  slot.link = link;
  ++on_link;
  return nullptr;
}

TransactionManager::Slot& TransactionManager::unused_slot(Side side) {
  detail::TransactionSlots& slots = this->slots(side);
  slots.make_room();
  // Ends: a generator goes through all numbers, and at least half of the slots are free.
  for (;;) {
    const TransactionId id = (side == Side::head ? head_ids_ : body_ids_)->next();
    if (Slot* slot = slots.take(id)) return *slot;
  }
}

std::size_t TransactionManager::release_link(std::uint64_t link) {
  const auto found = per_link_.find(link);
  return found != per_link_.end() ? --found->second : 0;
}

std::shared_ptr<Transaction> TransactionManager::take(TransactionId id, std::uint64_t link,
                                                      std::size_t* left) {
  MutexLock lock(mutex_);
  Slot* const slot = slots(id.side()).find(id);
  if (slot == nullptr || slot->link != link) {
    unknown_replies_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  auto transaction = std::move(slot->transaction);
  slots(id.side()).free(*slot);
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
  const Slot* const slot = (id.side() == Side::head ? head_slots_ : body_slots_).find(id);
  return slot != nullptr && slot->link == link ? slot->transaction : nullptr;
}

bool TransactionManager::reserve(TransactionId id) {
  std::shared_ptr<Transaction> ended;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  Slot* const slot = slots(id.side()).find(id);
  if (slot == nullptr || !slot->transaction) return false;
  ended.swap(slot->transaction);
  ++reserved_;
  lock.unlock();
  return true;
}

bool TransactionManager::forget(TransactionId id, std::uint64_t link) {
  std::shared_ptr<Transaction> forgotten;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  Slot* const slot = slots(id.side()).find(id);
  if (slot == nullptr || slot->link != link) return false;
  forgotten.swap(slot->transaction);
  if (!forgotten) --reserved_;
  slots(id.side()).free(*slot);
  release_link(link);
  // The link may have ended before this call was filed: then nothing else would remove it.
  if (const auto count = per_link_.find(link); count != per_link_.end() && count->second == 0) {
    per_link_.erase(count);
  }
  lock.unlock();
  return forgotten != nullptr;
}

std::vector<std::shared_ptr<Transaction>> TransactionManager::end_link(std::uint64_t link) {
  std::vector<std::shared_ptr<Transaction>> pending;
  MutexLock lock(mutex_);
  std::size_t reserved = 0;
  for (const Side side : {Side::head, Side::body}) {
    detail::TransactionSlots& slots = this->slots(side);
    slots.for_each([&](Slot& slot) {
      if (slot.link != link) return;
      if (slot.transaction) {
        pending.push_back(std::move(slot.transaction));
      } else {
        ++reserved;
      }
      slots.free(slot);
    });
  }
  reserved_ -= reserved;
  per_link_.erase(link);
  return pending;
}

std::vector<std::shared_ptr<Transaction>> TransactionManager::close() {
  std::vector<std::shared_ptr<Transaction>> pending;
  MutexLock lock(mutex_);
  closed_ = true;
  for (const Side side : {Side::head, Side::body}) {
    slots(side).for_each([&](Slot& slot) {
      if (slot.transaction) pending.push_back(std::move(slot.transaction));
    });
    slots(side) = {};
  }
  per_link_.clear();
  reserved_ = 0;
  return pending;
}

std::size_t TransactionManager::pending() const {
  MutexLock lock(mutex_);
  return head_slots_.size() + body_slots_.size() - reserved_;
}

std::size_t TransactionManager::reserved() const {
  MutexLock lock(mutex_);
  return reserved_;
}

}  // namespace vagus
