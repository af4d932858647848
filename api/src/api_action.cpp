#include <algorithm>

#include <vagus/api/api_action.hpp>
#include <vagus/api/api_proxy.hpp>

namespace vagus {

namespace detail {

namespace {

/// Fills in what depends on the moment: the defaults of all levels, and what the call being handled hands
/// down.
void prepare(Outgoing& outgoing, const ActionTarget& target, const CallDefaults& options,
             const ApiHost& host) {
  const CallDefaults chosen = options.over(target.defaults);
  const CallDefaults complete = chosen.over(host.defaults());
  const CallContext* const context = current_context();
  outgoing.name_space = target.name_space;
  outgoing.root = target.root.get();
  outgoing.target = target.target;
  outgoing.event = target.event;
  outgoing.priority = context != nullptr && !chosen.priority ? context->priority
                                                             : complete.priority.value_or(Priority::normal);
  outgoing.when_full = complete.when_full.value_or(WhenFull::wait);
  outgoing.when_down = complete.when_down.value_or(WhenDown::fail);
  outgoing.idempotent = target.idempotent;
}

ErrorPtr not_attached(const ActionTarget& target) {
  const std::string& name_space = *target.name_space;
  const ErrorContext context{name_space, {}, Execution::not_sent};
  if (target.root && target.root->host_stopped()) {
    return make_error<TransportFinishedError>(name_space + " cannot be called: its ApiArb was stopped",
                                              context);
  }
  return make_error<TransportDisconnectedError>(
      name_space + " cannot be called: its API is attached to no ApiArb", context);
}

}  // namespace

namespace {

Duration timeout_of(const ActionTarget& target, const CallDefaults& options, const ApiHost* host) {
  CallDefaults defaults = options.over(target.defaults);
  if (host != nullptr) defaults = defaults.over(host->defaults());
  return defaults.timeout.value_or(default_timeout);
}

}  // namespace

Deadline deadline_of(const ActionTarget& target, const CallDefaults& options, const ApiHost* host,
                     TimePoint now) {
  const Deadline own = Deadline::after(timeout_of(target, options, host), now);
  const CallContext* const context = current_context();
  return context != nullptr ? std::min(own, context->deadline) : own;
}

void submit_action(const ActionTarget& target, const std::shared_ptr<ApiHost>& host, Outgoing&& call,
                   const CallOptions& options, const std::shared_ptr<PendingCallBase>& pending, bool wait) {
  if (!host) {
    pending->fail(not_attached(target));
    return;
  }
  prepare(call, target, options.defaults(), *host);
  call.deadline = pending->deadline();
  const bool renewed = options.renewed_by_progress || target.renewed_by_progress;
  if (renewed && pending->progress_window() != 0) {
    const CallContext* const context = current_context();
    pending->renew_with_progress(timeout_of(target, options.defaults(), host.get()),
                                 context != nullptr ? context->deadline : Deadline::never());
  }
  if (wait) {
    host->submit_and_wait(call, pending);
  } else {
    host->submit(call, pending);
  }
}

ErrorPtr post_action(const ActionTarget& target, Outgoing&& message, const PostOptions& options) {
  const auto host = target.host();
  if (!host) return not_attached(target);
  prepare(message, target, options.defaults(), *host);
  message.deadline = deadline_of(target, options.defaults(), host.get(), Deadline::now());
  return host->post(message);
}

void raise_unless_ignored(const ErrorPtr& error, const PostOptions& options) {
  if (error && !options.ignore_errors) error->raise();
}

Result<std::vector<Peer>> peers_there(const ActionTarget& target, const std::shared_ptr<ApiHost>& host) {
  if (!host) return not_attached(target);
  return host->peers_that_handle(*target.name_space, target.root.get());
}

Result<std::vector<Peer>> peers_to_ask(const ActionTarget& target, const std::shared_ptr<ApiHost>& host) {
  auto peers = peers_there(target, host);
  if (!peers || !peers->empty()) return peers;
  const std::string& name_space = *target.name_space;
  return make_error<UnsupportedApiError>("no connected peer handles " + name_space,
                                         {name_space, {}, Execution::not_sent});
}

bool PendingCallBase::wait_for_end(Deadline deadline) {
  if (done()) return true;
  if (const auto waiting_host = host()) {
    waiting_host->wait(*this, deadline);
    return done();
  }
  return wait(deadline);
}

void PendingCallBase::failing(const Error& error) noexcept {
  if (const auto counting_host = host()) counting_host->count_failed(error);
}

bool PendingCallBase::give_up() {
  if (done()) return false;
  if (const auto cancelling_host = host()) return cancelling_host->cancel(*this);
  return cancel(
      make_error<TransactionCancelled>(name_space() + " was cancelled", context(Execution::unknown)));
}

}  // namespace detail

detail::ActionTarget ApiProxy::target(std::string_view name) const {
  check_namespace(name, "the method's name");
  return {std::make_shared<const std::string>(join_namespace(name_space_, name)),
          nullptr,
          host_,
          {},
          false,
          {},
          {},
          false};
}

}  // namespace vagus
