/// The calls of a process to itself that are under way, and those that have ended and whose end is held back.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>

namespace vagus {

/// No link ends these calls, so whoever stops has to know them. Safe from any thread.
class LocalCalls {
 public:
  /// False after close(): it is not to be run any more.
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
