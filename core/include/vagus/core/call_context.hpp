/// What a call made inside a handler inherits from the call that is being handled.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <vagus/core/deadline.hpp>
#include <vagus/core/options.hpp>
#include <vagus/core/run_state.hpp>
#include <vagus/wire/message.hpp>

namespace vagus {
class Transaction;
}

namespace vagus::detail {

class Gate;

/// Helps a blocked thread to go on with what only it may do meanwhile. Safe from any thread.
class TransactionWaiter {
 public:
  virtual ~TransactionWaiter() = default;
  /// Returns when the transaction has ended, or at the deadline.
  virtual void wait(Transaction& transaction, Deadline deadline) = 0;
  /// Ends it, and tells whoever handles it. False, and nothing happens, if it had ended, or was ending,
  /// before.
  virtual bool cancel(Transaction& transaction) = 0;
};

struct CallContext;

/// What a context is a part of.
class ContextOwner {
 public:
  virtual ~ContextOwner() = default;
  virtual std::shared_ptr<CallContext> shared_context() noexcept = 0;

  RunState& run_state() noexcept { return run_state_; }
  const RunState& run_state() const noexcept { return run_state_; }

 private:
  RunState run_state_;
};

/// Belongs to one handled call, wherever it runs: on a worker's stack, or as a coroutine on one thread after
/// the other.
struct CallContext : std::enable_shared_from_this<CallContext> {
  Deadline deadline;  ///< a nested call ends at the latest then
  TimePoint arrived;  ///< of a call with a deadline: when its message was read
  wire::Chain chain;  ///< of the call that is being handled; its root is never 0
  Priority priority = Priority::normal;
  TransactionWaiter* waiter = nullptr;  ///< outlives the call
  std::array<const Gate*, 2> gates{};   ///< that the run has entered, and so must not wait for
  ContextOwner* owner = nullptr;        ///< keeps the context; null: it was made by itself
};

/// The context of what this thread is running now; null on a thread of the user's.
CallContext* current_context() noexcept;

/// The same, kept for as long as the pointer is held; one that lies on somebody's stack stays where it is.
std::shared_ptr<CallContext> share_current_context() noexcept;

/// The same for what goes on when this thread may have returned from what it runs now: one that lies on
/// somebody's stack is copied, without the gates.
std::shared_ptr<CallContext> keep_current_context();

/// The call chain that a call made now on this thread belongs to: that of the call being handled; in a
/// callback on a worker one of its own, begun at the first question; none on a thread of the user's.
std::optional<wire::Chain> current_chain();

/// How many of the runs that this thread is inside of have entered the gate.
std::size_t runs_inside(const Gate& gate) noexcept;

/// True while this thread runs a handler on its stack, where a blocked thread may help its own call chain.
bool on_worker() noexcept;

class ContextScope;

/// All that this thread is in the middle of now; null: nothing. Others may look into it for as long as the
/// thread leaves none of it.
const ContextScope* current_scope() noexcept;

/// Is the run with this context part of all that a thread was in the middle of? Null is part of nothing.
bool is_inside(const ContextScope* scope, const CallContext* run) noexcept;

/// Makes a context that of this thread for a scope. On a worker, the call of the context may be interrupted
/// inside of it, and no other one.
class ContextScope {
 public:
  /// `context` has to outlive the scope; may be null. `worker`: this thread is the library's, and holds the
  /// right to run handlers. `own_root`: the chain of calls that are made without a context; 0: a new one.
  explicit ContextScope(CallContext* context, bool worker, std::uint64_t own_root = 0) noexcept;
  ~ContextScope();
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  friend std::size_t runs_inside(const Gate& gate) noexcept;
  friend bool is_inside(const ContextScope* scope, const CallContext* run) noexcept;
  friend CallContext* current_context() noexcept;
  friend std::optional<wire::Chain> current_chain();
  friend bool on_worker() noexcept;

  void hand_over(RunState* from, RunState* to) noexcept;

  CallContext* const context_;
  const bool worker_;
  std::uint64_t own_root_;  // of the chain of a callback, once it is needed
  ContextScope* const outer_;
  RunState* run_ = nullptr;  // that this thread may be interrupted for
};

}  // namespace vagus::detail
