/// The deadlines of the calls that nobody waits for.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>

namespace vagus {

/// Keeps calls in the order of their deadlines. Safe from any thread.
class DeadlineQueue {
 public:
  /// Watches a call; one that may take for ever is not kept. Gives the earliest deadline of all if this call
  /// has now become the earliest: whoever runs the timer has to be told.
  std::optional<TimePoint> add(const std::shared_ptr<Transaction>& transaction);
  /// The call has ended. Unknown ones are ignored.
  void remove(const Transaction& transaction);

  /// Takes out what has passed at `now`.
  std::vector<std::shared_ptr<Transaction>> take_passed(TimePoint now);
  std::optional<TimePoint> earliest() const;
  std::vector<std::shared_ptr<Transaction>> clear();

 private:
  using Key = std::pair<TimePoint, const Transaction*>;
  using Queue = std::map<Key, std::shared_ptr<Transaction>>;
  mutable Mutex mutex_;
  Queue queue_ VAGUS_GUARDED_BY(mutex_);
  std::vector<Queue::node_type> spare_ VAGUS_GUARDED_BY(mutex_);  // so that a call allocates nothing here
};

}  // namespace vagus
