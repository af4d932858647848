#include <exception>
#include <utility>

#include <vagus/core/nested_wait.hpp>

namespace vagus::detail {

NestedWait::NestedWait(std::shared_ptr<Transaction> awaited, std::shared_ptr<TransactionWaiter> by)
    : awaited_{std::move(awaited), std::move(by)} {
  if (!is_of_use()) return;
  context_ = current_context()->owner->shared_context();
  if (!context_->owner->run_state().add(*this)) awaited_.give_up();
}

NestedWait::~NestedWait() {
  if (context_) context_->owner->run_state().remove(*this);
}

bool NestedWait::is_of_use() noexcept {
  const CallContext* const context = current_context();
  return context != nullptr && context->owner != nullptr;
}

bool NestedWait::is_refused() noexcept {
  return is_of_use() && current_context()->owner->run_state().take_end_of_wait();
}

void NestedWait::Awaited::give_up() const noexcept {
  try {
    if (by) {
      by->cancel(*call);
    } else {
      call->give_up();
    }
  } catch (const std::exception&) {
    // No memory for the error: its own deadline, which is the handler's at the latest, ends the wait.
  }
}

}  // namespace vagus::detail
