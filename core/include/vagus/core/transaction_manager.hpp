/// The calls that this side has made and that have not been answered yet.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>
#include <vagus/core/transaction_id_generator.hpp>
#include <vagus/core/transaction_slots.hpp>

namespace vagus {

/// Files calls under their ids and finds them again when the answer comes. Never runs anybody's code under
/// its lock. All functions are safe from any thread.
///
/// An id belongs to the incarnation of the link that it went out on. A call that ended without its answer
/// leaves its id *reserved* until the answer comes after all or the link ends, so that an answer never
/// completes another call.
class TransactionManager {
 public:
  /// At most `max_pending` calls may be pending or reserved on one link. A generator given is used for its
  /// side and has to outlive the manager.
  explicit TransactionManager(std::size_t max_pending = 65536, TransactionIdGenerator* generator = nullptr);

  /// Files a call that is about to go out on `link`. OverloadedError if that link has too many,
  /// TransportFinishedError after close().
  ErrorPtr open(const std::shared_ptr<Transaction>& transaction, Side side, std::uint64_t link);

  /// The call that an answer on `link` belongs to; its id is free again. Empty if there is none, or none any
  /// more: the answer is counted and has to be dropped.
  /// `left`, if given: so many of this link are filed still.
  std::shared_ptr<Transaction> take(TransactionId id, std::uint64_t link, std::size_t* left = nullptr);

  /// The call with this id that went out on `link` and still waits for its answer; empty if there is none.
  std::shared_ptr<Transaction> find(TransactionId id, std::uint64_t link) const;

  /// An answer was taken, but its call ended otherwise at that very moment.
  void count_late_reply() noexcept { late_replies_.fetch_add(1, std::memory_order_relaxed); }

  /// The call ended without its answer: its id stays reserved. True if it was pending, that is: if the peer
  /// still works on it.
  bool reserve(TransactionId id);

  /// The call that was filed for this link was never sent: its id is free again. True if it was pending
  /// still; false: somebody else has ended it, or sends it over another link.
  bool forget(TransactionId id, std::uint64_t link);

  /// The link has ended: all its ids are free again. What was pending on it is given back to be ended.
  std::vector<std::shared_ptr<Transaction>> end_link(std::uint64_t link);

  /// As end_link() for all links, and open() refuses from now on.
  std::vector<std::shared_ptr<Transaction>> close();

  /// Calls that wait for their answer.
  std::size_t pending() const;
  /// Ids of calls that ended without it.
  std::size_t reserved() const;
  /// Answers to calls that had ended before; each was dropped.
  std::uint64_t late_replies() const noexcept { return late_replies_.load(std::memory_order_relaxed); }
  /// Answers to calls that this side never made on that link; each was dropped.
  std::uint64_t unknown_replies() const noexcept { return unknown_replies_.load(std::memory_order_relaxed); }

 private:
  using Slot = detail::TransactionSlots::Slot;
  detail::TransactionSlots& slots(Side side) VAGUS_REQUIRES(mutex_) {
    return side == Side::head ? head_slots_ : body_slots_;
  }
  Slot& unused_slot(Side side) VAGUS_REQUIRES(mutex_);
  /// How many of the link are left.
  std::size_t release_link(std::uint64_t link) VAGUS_REQUIRES(mutex_);

  const std::size_t max_pending_;
  TransactionIdGenerator own_head_{Side::head};
  TransactionIdGenerator own_body_{Side::body};
  TransactionIdGenerator* head_ids_ = &own_head_;  // constant after construction
  TransactionIdGenerator* body_ids_ = &own_body_;  // constant after construction

  mutable Mutex mutex_;
  detail::TransactionSlots head_slots_ VAGUS_GUARDED_BY(mutex_);  // by who made the id
  detail::TransactionSlots body_slots_ VAGUS_GUARDED_BY(mutex_);
  // How many slots each link has; kept at 0 until the link ends.
  std::unordered_map<std::uint64_t, std::size_t> per_link_ VAGUS_GUARDED_BY(mutex_);
  std::size_t reserved_ VAGUS_GUARDED_BY(mutex_) = 0;
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;

  // Relaxed counters: only read as figures.
  std::atomic<std::uint64_t> late_replies_{0};
  std::atomic<std::uint64_t> unknown_replies_{0};
};

}  // namespace vagus
