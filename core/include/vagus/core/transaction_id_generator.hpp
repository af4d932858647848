/// Gives the calls of one side their ids.
#pragma once

#include <atomic>
#include <cstdint>

#include <vagus/core/transaction_id.hpp>

namespace vagus {

/// Counts 1, 2, 3, … and, past the largest number, from 1 again; never gives 0. What is still in use after a
/// wrap is skipped by the TransactionManager. Safe from any thread; may be shared by several managers.
class TransactionIdGenerator {
 public:
  /// `first` is the number of the first id.
  explicit TransactionIdGenerator(Side side, std::uint32_t first = 1) noexcept : side_(side), next_(first) {}

  Side side() const noexcept { return side_; }

  TransactionId next() noexcept {
    for (;;) {
      // Relaxed: only the numbers have to differ; what an id stands for is published under the manager's
      // lock.
      const TransactionId id{side_, next_.fetch_add(1, std::memory_order_relaxed)};
      if (id) return id;
    }
  }

 private:
  const Side side_;
  std::atomic<std::uint32_t> next_;
};

}  // namespace vagus
