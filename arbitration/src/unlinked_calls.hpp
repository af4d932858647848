/// Calls that have not ended, and that no link would end.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>

namespace vagus {

/// Those of a process to itself, and those that were answered, or lost their link, while their end is held
/// back. Whoever stops has to know them. Safe from any thread.
class UnlinkedCalls {
 public:
  /// False after close(): whoever adds it has to end it.
  bool add(const std::shared_ptr<Transaction>& call) {
    MutexLock lock(mutex_);
    if (!closed_) calls_.insert_or_assign(call.get(), call);
    return !closed_;
  }

  /// It has ended.
  void remove(const Transaction& call) {
    MutexLock lock(mutex_);
    calls_.erase(&call);
  }

  /// Those that have not ended.
  std::vector<std::shared_ptr<Transaction>> close() {
    std::vector<std::shared_ptr<Transaction>> left;
    MutexLock lock(mutex_);
    closed_ = true;
    for (const auto& [key, call] : calls_) {
      if (auto present = call.lock()) left.push_back(std::move(present));
    }
    return left;
  }

 private:
  Mutex mutex_;
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
  std::unordered_map<const Transaction*, std::weak_ptr<Transaction>> calls_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
