#include <algorithm>
#include <utility>

#include <vagus/core/call_context.hpp>
#include <vagus/core/random_number.hpp>

#include "worker_thread.hpp"

namespace vagus::detail {

namespace {

// They nest like the stack that they stand on.
thread_local ContextScope* innermost = nullptr;

/// Null if it lies on somebody's stack.
std::shared_ptr<CallContext> owned(CallContext& context) noexcept {
  return context.owner != nullptr ? context.owner->shared_context() : context.weak_from_this().lock();
}

}  // namespace

CallContext* current_context() noexcept { return innermost != nullptr ? innermost->context_ : nullptr; }

std::shared_ptr<CallContext> share_current_context() noexcept {
  CallContext* const context = current_context();
  if (context == nullptr) return nullptr;
  if (auto shared = owned(*context)) return shared;
  return {std::shared_ptr<void>(), context};
}

std::shared_ptr<CallContext> keep_current_context() {
  CallContext* const context = current_context();
  if (context == nullptr) return nullptr;
  if (auto shared = owned(*context)) return shared;
  auto copy = std::make_shared<CallContext>(*context);
  copy->gates = {};  // left when its run returns
  return copy;
}

std::optional<wire::Chain> current_chain() {
  if (innermost == nullptr) return std::nullopt;
  if (innermost->context_ != nullptr) return innermost->context_->chain;
  if (!innermost->worker_) return std::nullopt;
  if (innermost->own_root_ == 0) innermost->own_root_ = random_number();
  return wire::Chain{innermost->own_root_, 0};
}

bool on_worker() noexcept { return innermost != nullptr && innermost->worker_; }

const ContextScope* current_scope() noexcept { return innermost; }

bool is_inside(const ContextScope* scope, const CallContext* run) noexcept {
  if (run == nullptr) return false;
  while (scope != nullptr && scope->context_ != run) scope = scope->outer_;
  return scope != nullptr;
}

std::size_t runs_inside(const Gate& gate) noexcept {
  std::size_t runs = 0;
  const CallContext* last = nullptr;
  for (const ContextScope* scope = innermost; scope != nullptr; scope = scope->outer_) {
    const CallContext* const context = scope->context_;
    // A coroutine enters the scope of its own context again: that is one run, not two.
    if (context == nullptr || std::exchange(last, context) == context) continue;
    runs += static_cast<std::size_t>(std::count(context->gates.begin(), context->gates.end(), &gate));
  }
  return runs;
}

ContextScope::ContextScope(CallContext* context, bool worker, std::uint64_t own_root) noexcept
    : context_(context), worker_(worker), own_root_(own_root), outer_(std::exchange(innermost, this)) {
  if (WorkerThread::current() == nullptr) return;
  if (context_ != nullptr && context_->owner != nullptr) run_ = &context_->owner->run_state();
  hand_over(outer_ != nullptr ? outer_->run_ : nullptr, run_);
}

ContextScope::~ContextScope() {
  hand_over(run_, outer_ != nullptr ? outer_->run_ : nullptr);
  innermost = outer_;
}

// A coroutine enters the scope of its own context again: then nothing changes.
void ContextScope::hand_over(RunState* from, RunState* to) noexcept {
  if (from == to) return;
  WorkerThread& thread = *WorkerThread::current();
  if (from != nullptr) from->leave(thread);
  if (to != nullptr) to->enter(thread);
}

}  // namespace vagus::detail
