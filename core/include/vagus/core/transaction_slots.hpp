/// Where the calls of one side stand that wait for their answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <vagus/core/transaction_id.hpp>

namespace vagus {

class Transaction;

namespace detail {

/// A slab of slots, of which the last bits of an id give the place. Ids are drawn one after the other, so a
/// new one nearly always finds its place free; where an old one still stands, the next id is drawn. Nothing
/// is hashed, and a call allocates nothing. Not thread-safe.
class TransactionSlots {
 public:
  struct Slot {
    TransactionId id;                          // none: free
    std::shared_ptr<Transaction> transaction;  // empty, though there is an id: reserved
    std::uint64_t link = 0;
  };

  /// Makes sure that an id can be found whose place is free.
  void make_room() {
    if (2 * (used_ + 1) > slots_.size()) resize(slots_.empty() ? smallest : 2 * slots_.size());
  }
  /// After make_room(). Null: another call stands there.
  Slot* take(TransactionId id) {
    Slot& slot = at(id);
    if (slot.id) return nullptr;
    slot.id = id;
    ++used_;
    return &slot;
  }
  /// Null: no call has this id.
  Slot* find(TransactionId id) noexcept { return const_cast<Slot*>(std::as_const(*this).find(id)); }
  const Slot* find(TransactionId id) const noexcept {
    if (slots_.empty() || !id) return nullptr;
    const Slot& slot = slots_[id.number() & (slots_.size() - 1)];
    return slot.id == id ? &slot : nullptr;
  }
  void free(Slot& slot) noexcept {
    slot.id = {};
    slot.transaction.reset();
    if (--used_ == 0 && slots_.size() > largest_kept) slots_ = {};
  }
  /// Calls `function` for each slot that is taken; it may free that slot.
  template <typename Function>
  void for_each(Function function) {
    std::size_t left = used_;
    for (std::size_t place = 0; left > 0; ++place) {
      if (!slots_[place].id) continue;
      --left;
      function(slots_[place]);
    }
  }
  std::size_t size() const noexcept { return used_; }

 private:
  static constexpr std::size_t smallest = 64;
  static constexpr std::size_t largest_kept = 4096;  // after a flood, its memory is given back

  Slot& at(TransactionId id) noexcept { return slots_[id.number() & (slots_.size() - 1)]; }
  // What stood apart stands apart in more slots, too: they tell more bits of the ids from each other.
  void resize(std::size_t size) {
    std::vector<Slot> former(size);
    former.swap(slots_);
    for (Slot& slot : former) {
      if (slot.id) at(slot.id) = std::move(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two of them
  std::size_t used_ = 0;
};

}  // namespace detail
}  // namespace vagus
