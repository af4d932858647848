/// Helping a worker that is blocked in a call to what its own call chain waits for.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <vagus/core/call_context.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>

#include "sleeper.hpp"

namespace vagus {

/// Where a request stands in a chain of calls.
struct CallChain {
  std::uint64_t root = 0;  ///< 0: it belongs to none
  std::uint64_t link = 0;  ///< over which it came; 0: from this very process
};

/// Something to run for a call chain, which both a queue and the blocked workers have; whoever takes it first
/// runs it. Safe from any thread.
class ChainTask {
 public:
  enum class Answer : std::uint8_t {
    taken,
    refused,  ///< not by this thread, or not now
    gone      ///< somebody else has taken it
  };

  virtual ~ChainTask() = default;

  /// Has the thread of `sleeper` run it, if it may run there now. `stack`: what that thread is in the middle
  /// of. Under the lock of the blocked workers.
  virtual Answer offer_to(Sleeper& sleeper, const detail::ContextScope* stack) = 0;
  /// From now on whoever else takes it withdraws it; false: it is gone. Under the same lock.
  virtual bool keep_offered() = 0;
};

/// What follows a call: it waits for nobody's turn.
class ChainCallback final : public ChainTask, public std::enable_shared_from_this<ChainCallback> {
 public:
  explicit ChainCallback(std::function<void()> callback) : callback_(std::move(callback)) {}

  Answer offer_to(Sleeper& sleeper, const detail::ContextScope* stack) override;
  bool keep_offered() override { return true; }
  /// Runs it, unless that was done. Other holders keep nothing alive with it from then on.
  void run();

 private:
  std::function<void()> callback_;  // belongs to who has set taken_
  std::atomic<bool> taken_{false};
};

/// The workers that are blocked in a call, by the call chain that they are part of, and the tasks of chains
/// that have no blocked worker yet: the worker that is to wait for one may still be on its way to block. Safe
/// from any thread.
class BlockedWorkers {
 public:
  /// From now until remove() it takes what is offered; what was before, at offer_again(). `call`: that in
  /// which the worker blocks; `link`: what it is or will be sent on. 0: not chosen yet. What is filed with
  /// the call counts as well.
  void add(std::uint64_t chain, const Transaction& call, std::uint64_t link, Sleeper& sleeper);
  void remove(std::uint64_t chain, Sleeper& sleeper);
  /// It takes those that were kept, or refused by it when it had something to run, see Sleeper::Source.
  void offer_again(std::uint64_t chain, Sleeper& sleeper);

  enum class IfRefused : std::uint8_t { forget, keep };
  /// Has the innermost blocked worker of the chain that may run the task now run it. False: there is none,
  /// and it has to be queued for any worker, or it is gone. It is kept, if it is to be, for one that may run
  /// it later, until withdraw(). `link`: the worker has to be blocked in a call on this very link; 0: on
  /// whatever.
  bool offer(std::uint64_t chain, std::uint64_t link, const std::shared_ptr<ChainTask>& task,
             IfRefused if_refused);
  void withdraw(std::uint64_t chain, const ChainTask& task) noexcept;
  /// What was refused may be taken now.
  void offer_all_again();

 private:
  struct Blocked {
    const Transaction* call;
    std::uint64_t link;
    Sleeper* sleeper;
    const detail::ContextScope* stack;
    bool matches(std::uint64_t asked) const noexcept;
  };
  struct Offered {
    std::uint64_t link;
    std::shared_ptr<ChainTask> task;
  };
  using Tasks = std::vector<Offered>;

  /// What was taken, or is gone, goes from `offered` to `done`: nothing is destroyed under the lock.
  static void hand_over(Tasks& offered, const Blocked& to, Tasks& done);

  Mutex mutex_;  // taken before that of an intake, and before that of a sleeper
  std::unordered_map<std::uint64_t, std::vector<Blocked>> blocked_ VAGUS_GUARDED_BY(mutex_);  // none is empty
  std::unordered_map<std::uint64_t, Tasks> offered_ VAGUS_GUARDED_BY(mutex_);                 // likewise
};

/// A callback that no blocked worker has taken yet, as the queue holds it; destroyed, it is withdrawn.
class OfferedCallback {
 public:
  OfferedCallback(std::shared_ptr<BlockedWorkers> workers, std::uint64_t chain,
                  std::shared_ptr<ChainCallback> callback)
      : workers_(std::move(workers)), chain_(chain), callback_(std::move(callback)) {}
  ~OfferedCallback() { workers_->withdraw(chain_, *callback_); }
  OfferedCallback(const OfferedCallback&) = delete;
  OfferedCallback& operator=(const OfferedCallback&) = delete;

  void run() const { callback_->run(); }

 private:
  const std::shared_ptr<BlockedWorkers> workers_;
  const std::uint64_t chain_;
  const std::shared_ptr<ChainCallback> callback_;
};

}  // namespace vagus
