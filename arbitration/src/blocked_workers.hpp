/// Helping a worker that is blocked in a call to what its own call chain waits for.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>

#include "sleeper.hpp"

namespace vagus {

/// Something to run for a call chain. Both a queue and a blocked worker may have it; whoever claims it first
/// runs it. Safe from any thread.
class ChainTask {
 public:
  explicit ChainTask(std::function<void()> work) : work_(std::move(work)) {}

  /// True for exactly one caller.
  bool claim() noexcept { return !claimed_.exchange(true); }
  /// For who has claimed it. Other holders keep nothing alive with it from then on.
  void run() { std::exchange(work_, nullptr)(); }

 private:
  std::function<void()> work_;  // belongs to who has claimed it
  std::atomic<bool> claimed_{false};
};

/// The workers that are blocked in a call, by the call chain that they are part of, and the tasks of chains
/// that have no blocked worker yet: the worker that is to wait for one may still be on its way to block. Safe
/// from any thread.
class BlockedWorkers {
 public:
  /// `call`: that in which the worker blocks, until remove(); `link`: what it is or will be sent on. 0: not
  /// chosen yet, and looked up in the call whenever a task comes.
  void add(std::uint64_t chain, const Transaction& call, std::uint64_t link, Sleeper& sleeper);
  void remove(std::uint64_t chain, Sleeper& sleeper);
  /// It takes tasks again, see Sleeper::Source.
  void offer_again(std::uint64_t chain, Sleeper& sleeper);

  /// Has the innermost blocked worker of the chain that runs nothing else run the task. If there is none it
  /// is kept for one that blocks later, until withdraw(), and the answer is false: then it has to be queued
  /// for any worker too. `link`: the worker has to be blocked in a call on this very link; 0: on whatever.
  bool offer(std::uint64_t chain, std::uint64_t link, const std::shared_ptr<ChainTask>& task);
  void withdraw(std::uint64_t chain, const ChainTask& task) noexcept;

 private:
  struct Blocked {
    const Transaction* call;
    std::uint64_t link;
    Sleeper* sleeper;
    bool matches(std::uint64_t asked) const noexcept;
  };
  struct Offered {
    std::uint64_t link;
    std::shared_ptr<ChainTask> task;
  };
  struct Chain {
    std::vector<Blocked> blocked;
    std::vector<Offered> offered;
  };

  static void hand_over(Chain& chain, const Blocked& to);
  void forget_if_empty(std::uint64_t chain) VAGUS_REQUIRES(mutex_);

  Mutex mutex_;
  std::unordered_map<std::uint64_t, Chain> chains_ VAGUS_GUARDED_BY(mutex_);
};

/// A task that no blocked worker has taken yet, as the queue holds it; destroyed, it is withdrawn.
class OfferedTask {
 public:
  OfferedTask(std::shared_ptr<BlockedWorkers> workers, std::uint64_t chain, std::shared_ptr<ChainTask> task)
      : workers_(std::move(workers)), chain_(chain), task_(std::move(task)) {}
  ~OfferedTask() { workers_->withdraw(chain_, *task_); }
  OfferedTask(const OfferedTask&) = delete;
  OfferedTask& operator=(const OfferedTask&) = delete;

  ChainTask& operator*() const noexcept { return *task_; }
  ChainTask* operator->() const noexcept { return task_.get(); }

 private:
  const std::shared_ptr<BlockedWorkers> workers_;
  const std::uint64_t chain_;
  const std::shared_ptr<ChainTask> task_;
};

}  // namespace vagus
