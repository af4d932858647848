/// The deadlines of the calls that nobody waits for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>

namespace vagus {

/// Keeps calls by their deadlines, in a hierarchical timing wheel: adding and removing take the same few
/// steps however many there are, and allocate nothing. Safe from any thread.
///
/// After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987. It has no tick: whoever runs the
/// timer asks for the earliest deadline, and moves the wheel by taking out what has passed.
class DeadlineQueue {
 public:
  DeadlineQueue() = default;
  ~DeadlineQueue() { clear(); }
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;

  /// Watches a call, which no queue watches yet; one that may take for ever is not kept. Gives its deadline
  /// if that may be the earliest of all now: whoever runs the timer has to be told.
  std::optional<TimePoint> add(const std::shared_ptr<Transaction>& transaction);
  /// The call has ended. Unknown ones are ignored.
  void remove(Transaction& transaction);

  /// Takes out what has passed at `now`, the earliest first. A call whose deadline has been renewed stays.
  std::vector<std::shared_ptr<Transaction>> take_passed(TimePoint now);
  /// None passes before this. It may be the deadline of one that is gone, or was renewed.
  std::optional<TimePoint> earliest() const;
  std::vector<std::shared_ptr<Transaction>> clear();

 private:
  // One turn of a level is one slot of the next. Together they reach beyond what TimePoint can say.
  static constexpr std::size_t slot_bits = 6;
  static constexpr std::size_t slots = std::size_t{1} << slot_bits;
  static constexpr std::size_t tick_bits =
      20;  // of nanoseconds: a slot of the first level is about a millisecond
  static constexpr std::size_t levels = 8;

  struct Slot {
    Transaction* first = nullptr;
    TimePoint earliest;  // of all that have come since it was empty
  };
  struct Level {
    std::uint64_t filled = 0;  // a bit for each slot
    std::array<Slot, slots> slot;
  };
  struct Place {
    std::size_t level;
    std::size_t slot;
  };

  static std::uint64_t tick_of(TimePoint at) noexcept;
  Place place_of(TimePoint at) const noexcept VAGUS_REQUIRES(mutex_);
  std::optional<Place> first_filled() const noexcept VAGUS_REQUIRES(mutex_);
  std::uint64_t begin_of(Place place) const noexcept VAGUS_REQUIRES(mutex_);
  void link(Transaction& transaction, TimePoint at) noexcept VAGUS_REQUIRES(mutex_);
  std::shared_ptr<Transaction> unlink(Transaction& transaction) noexcept VAGUS_REQUIRES(mutex_);

  mutable Mutex mutex_;
  // The ticks up to here have passed. What is kept stands on the level of the highest digit in which its tick
  // differs from this one: so all of a level come before all of the next, and its slots in their order.
  std::uint64_t passed_tick_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::uint32_t filled_levels_ VAGUS_GUARDED_BY(mutex_) = 0;  // a bit for each level
  std::array<Level, levels> levels_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
