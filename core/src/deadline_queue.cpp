#include <algorithm>
#include <bit>
#include <utility>

#include <vagus/core/deadline_queue.hpp>

namespace vagus {

std::uint64_t DeadlineQueue::tick_of(TimePoint at) noexcept {
  const auto since_start = at.time_since_epoch().count();
  return since_start <= 0 ? 0 : static_cast<std::uint64_t>(since_start) >> tick_bits;
}

DeadlineQueue::Place DeadlineQueue::place_of(TimePoint at) const noexcept {
  // What has passed already is due at the next look.
  const std::uint64_t tick = std::max(tick_of(at), passed_tick_);
  const auto highest_bit = static_cast<std::size_t>(std::bit_width((tick ^ passed_tick_) | 1U)) - 1;
  const std::size_t level = highest_bit / slot_bits;
  return {level, (tick >> (level * slot_bits)) % slots};
}

std::optional<DeadlineQueue::Place> DeadlineQueue::first_filled() const noexcept {
  if (filled_levels_ == 0) return std::nullopt;
  const auto level = static_cast<std::size_t>(std::countr_zero(filled_levels_));
  return Place{level, static_cast<std::size_t>(std::countr_zero(levels_[level].filled))};
}

std::uint64_t DeadlineQueue::begin_of(Place place) const noexcept {
  const std::size_t shift = place.level * slot_bits;
  const std::uint64_t above = passed_tick_ >> (shift + slot_bits) << slot_bits;
  return (above | place.slot) << shift;
}

void DeadlineQueue::link(Transaction& transaction, TimePoint at) noexcept {
  const Place place = place_of(at);
  Level& level = levels_[place.level];
  Slot& slot = level.slot[place.slot];
  auto& node = transaction.deadline_node_;
  node.level = static_cast<std::uint8_t>(place.level);
  node.slot = static_cast<std::uint8_t>(place.slot);
  node.previous = nullptr;
  node.next = slot.first;
  if (slot.first != nullptr) slot.first->deadline_node_.previous = &transaction;
  slot.earliest = slot.first != nullptr ? std::min(slot.earliest, at) : at;
  slot.first = &transaction;
  level.filled |= std::uint64_t{1} << place.slot;
  filled_levels_ |= std::uint32_t{1} << place.level;
}

std::shared_ptr<Transaction> DeadlineQueue::unlink(Transaction& transaction) noexcept {
  auto& node = transaction.deadline_node_;
  Level& level = levels_[node.level];
  Slot& slot = level.slot[node.slot];
  (node.previous != nullptr ? node.previous->deadline_node_.next : slot.first) = node.next;
  if (node.next != nullptr) node.next->deadline_node_.previous = node.previous;
  if (slot.first == nullptr) {
    level.filled &= ~(std::uint64_t{1} << node.slot);
    if (level.filled == 0) filled_levels_ &= ~(std::uint32_t{1} << node.level);
  }
  return std::move(node.self);
}

std::optional<TimePoint> DeadlineQueue::add(const std::shared_ptr<Transaction>& transaction) {
  if (transaction->deadline().is_never()) return std::nullopt;
  const TimePoint at = transaction->deadline().at();
  transaction->deadline_watched();
  MutexLock lock(mutex_);
  const auto first = first_filled();
  const bool earliest = !first || at < levels_[first->level].slot[first->slot].earliest;
  transaction->deadline_node_.self = transaction;
  link(*transaction, at);
  return earliest ? std::optional(at) : std::nullopt;
}

void DeadlineQueue::remove(Transaction& transaction) {
  if (!transaction.is_deadline_watched()) return;
  std::shared_ptr<Transaction> removed;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  if (!transaction.deadline_node_.self) return;
  removed = unlink(transaction);
  lock.unlock();
}

std::vector<std::shared_ptr<Transaction>> DeadlineQueue::take_passed(TimePoint now) {
  std::vector<std::pair<TimePoint, std::shared_ptr<Transaction>>> passed;
  const std::uint64_t tick = tick_of(now);
  {
    MutexLock lock(mutex_);
    for (auto place = first_filled(); place && begin_of(*place) <= tick; place = first_filled()) {
      const std::uint64_t begin = begin_of(*place);
      const bool last = place->level == 0 && begin == tick;
      passed_tick_ = std::max(passed_tick_, begin);
      Slot& slot = levels_[place->level].slot[place->slot];
      Transaction* kept = nullptr;
      while (slot.first != nullptr) {
        Transaction& each = *slot.first;
        auto self = unlink(each);
        if (const TimePoint at = each.deadline().at(); at <= now) {
          passed.emplace_back(at, std::move(self));
        } else {
          each.deadline_node_.self = std::move(self);
          each.deadline_node_.next = std::exchange(kept, &each);
        }
      }
      // Nearer to their deadlines now, they come to stand on lower levels; or these were renewed.
      while (kept != nullptr) {
        Transaction& each = *std::exchange(kept, kept->deadline_node_.next);
        link(each, each.deadline().at());
      }
      if (last) break;
    }
    passed_tick_ = std::max(passed_tick_, tick);
  }
  std::sort(passed.begin(), passed.end());
  std::vector<std::shared_ptr<Transaction>> calls;
  for (auto& [at, call] : passed) calls.push_back(std::move(call));
  return calls;
}

std::optional<TimePoint> DeadlineQueue::earliest() const {
  MutexLock lock(mutex_);
  const auto first = first_filled();
  return first ? std::optional(levels_[first->level].slot[first->slot].earliest) : std::nullopt;
}

std::vector<std::shared_ptr<Transaction>> DeadlineQueue::clear() {
  std::vector<std::shared_ptr<Transaction>> all;
  MutexLock lock(mutex_);
  while (const auto first = first_filled()) {
    all.push_back(unlink(*levels_[first->level].slot[first->slot].first));
  }
  return all;
}

}  // namespace vagus
