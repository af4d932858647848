/// What a handler waits for, and nobody else does when nobody waits for the handler any more.
#pragma once

#include <memory>
#include <utility>

#include <vagus/core/call_context.hpp>
#include <vagus/core/transaction.hpp>

namespace vagus::detail {

/// Says, for as long as it lives, that the handler which this thread runs waits for a call that is its own:
/// when nobody waits for the handler any more, the call is given up, see RunState. Outside of handlers it
/// does nothing.
class NestedWait {
 public:
  /// The call has been sent, or is not to be. `by` cancels it; null: it knows by itself how that is done.
  explicit NestedWait(std::shared_ptr<Transaction> awaited, std::shared_ptr<TransactionWaiter> by = nullptr);
  ~NestedWait();
  NestedWait(const NestedWait&) = delete;
  NestedWait& operator=(const NestedWait&) = delete;

  /// Does this thread run a handler?
  static bool is_of_use() noexcept;
  /// To be asked before such a call is made: if true, it is not to be.
  static bool is_refused() noexcept;

 private:
  friend class RunState;
  /// The call, and who cancels it.
  struct Awaited {
    std::shared_ptr<Transaction> call;
    std::shared_ptr<TransactionWaiter> by;
    void give_up() const noexcept;
  };

  const Awaited awaited_;
  std::shared_ptr<CallContext> context_;  // null outside of handlers
  NestedWait* next_ = nullptr;            // guarded by the mutex of the context's RunState
};

}  // namespace vagus::detail
