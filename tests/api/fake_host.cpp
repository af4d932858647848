#include "api/fake_host.hpp"

#include <algorithm>
#include <utility>

#include <vagus/api/description.hpp>
#include <vagus/core/random_number.hpp>

namespace vagus::testing {

namespace {

detail::CallContext context_until(Deadline deadline) {
  detail::CallContext context;
  context.deadline = deadline;
  context.chain = {detail::random_number(), 0};
  return context;
}

/// Keeps what a handler needs while it runs, and counts its ends.
class FakeRun final : public detail::HandlerRun {
 public:
  FakeRun(std::shared_ptr<FakeCall> call, std::shared_ptr<const detail::Handler> handler,
          std::unique_ptr<detail::Invocation> invocation)
      : call_(std::move(call)), handler_(std::move(handler)), invocation_(std::move(invocation)) {}

  void over() noexcept override { ++call_->overs; }
  detail::Invocation& invocation() { return *invocation_; }

 private:
  const std::shared_ptr<FakeCall> call_;
  const std::shared_ptr<const detail::Handler> handler_;
  const std::unique_ptr<detail::Invocation> invocation_;
};

}  // namespace

void LaterExecutor::run_all() {
  while (!waiting_.empty()) {
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    work();
  }
}

// Calls
// ---------------------------------------------------------------------------------------------------

FakeCall::FakeCall(std::string name_space, Deadline deadline, bool solicited)
    : IncomingCall(std::make_shared<const std::string>(std::move(name_space)),
                   solicited ? TransactionId(Side::head, 7) : TransactionId{}, solicited,
                   context_until(deadline)) {}

Peer FakeCall::peer() const {
  Peer peer;
  peer.id = 3;
  peer.name = "caller";
  return peer;
}

std::string FakeCall::thrown_text() const {
  if (!thrown_) return {};
  try {
    std::rethrow_exception(thrown_);
  } catch (const std::exception& error) {
    return error.what();
  }
}

ErrorPtr FakeCall::send_progress(const detail::ResultPacker& part, bool) {
  if (!progress_error) parts_.push_back(wire::written(part));
  return progress_error;
}

void FakeCall::send_result(const detail::ResultPacker& result) { result_ = wire::written(result); }

// The host
// ------------------------------------------------------------------------------------------------

void FakeHost::attach(ApiBase& api, std::shared_ptr<Executor> executor, std::string bound_peer) {
  root_of(api)->attach(shared_from_this(), std::move(executor), std::move(bound_peer));
}

std::shared_ptr<FakeCall> FakeHost::run(std::string_view name_space, const Value::Array& arguments,
                                        const Value::Map& named) {
  const auto slot = handled.find(name_space)->second.slot;
  const auto handler = slot->handler();
  const Bytes positional = wire::to_bytes(Value(arguments));
  const Bytes keyword = named.empty() ? Bytes() : wire::to_bytes(Value(named));
  const auto call = std::make_shared<FakeCall>(std::string(name_space));
  const auto run = std::make_shared<FakeRun>(
      call, handler, handler->bind({positional, keyword}, slot->parameters(), name_space));
  const detail::ContextScope scope(&call->context(), true);
  run->invocation().run(*call, run);
  return call;
}

std::string FakeHost::refusal(std::string_view name_space, const Value::Array& arguments,
                              const Value::Map& named) {
  try {
    run(name_space, arguments, named);
    return {};
  } catch (const ApiParamError& error) {
    return error.what();
  }
}

void FakeHost::keep(Sent::How how, const detail::Outgoing& message,
                    std::shared_ptr<Transaction> transaction) {
  Sent one;
  one.how = how;
  one.name_space = *message.name_space;
  one.arguments = wire::from_bytes<Value>(wire::written([&](wire::Writer& writer) { message.pack(writer); }));
  if (!message.keyword.empty()) one.named = wire::from_bytes<Value>(message.keyword);
  one.root = message.root;
  one.target = message.target;
  one.deadline = message.deadline;
  one.priority = message.priority;
  one.when_full = message.when_full;
  one.event = message.event;
  one.transaction = std::move(transaction);
  sent.push_back(one);
  if (on_sent) on_sent(one);
}

void FakeHost::submit(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction) {
  if (call.target.kind == detail::Target::Kind::all) {
    waiting_for_peers.push_back(transaction);
    return;
  }
  keep(Sent::How::submitted, call, transaction);
}

void FakeHost::submit_and_wait(const detail::Outgoing& call,
                               const std::shared_ptr<Transaction>& transaction) {
  keep(Sent::How::waited_for, call, transaction);
  transaction->time_out(
      make_error<TransactionTimeout>("nobody answers", transaction->context(Execution::unknown)));
}

ErrorPtr FakeHost::post(const detail::Outgoing& message) {
  keep(Sent::How::posted, message, nullptr);
  return post_error;
}

bool FakeHost::cancel(Transaction& transaction) {
  ++cancels;
  return transaction.cancel(
      make_error<TransactionCancelled>("cancelled", transaction.context(Execution::unknown)));
}

void FakeHost::wait(Transaction& transaction, Deadline deadline) {
  ++waits;
  transaction.wait(deadline);
}

std::shared_ptr<Executor> FakeHost::executor(detail::ApiRoot* root) {
  return root != nullptr ? root->executor() : service;
}

Description FakeHost::description(const std::string& /*name_space*/, Duration /*timeout*/) { return {}; }

Result<std::vector<Peer>> FakeHost::peers_that_handle(std::string_view /*name_space*/,
                                                      detail::ApiRoot* /*root*/) const {
  return handling_peers;
}

void FakeHost::claim(const std::shared_ptr<detail::ApiRoot>& root, const std::string& name_space,
                     const std::shared_ptr<detail::HandlerSlot>& slot) {
  if (on_claim) on_claim(name_space);
  const bool by_others = std::find(taken.begin(), taken.end(), name_space) != taken.end();
  if (by_others || handled.contains(name_space)) {
    throw MultipleApiResponseError(name_space + " is taken", {name_space});
  }
  told.push_back("claim " + name_space);
  handled.emplace(name_space, Handled{root.get(), slot});
}

void FakeHost::unclaim(const detail::ApiRoot& root, const std::string& name_space) noexcept {
  const auto found = handled.find(name_space);
  if (found == handled.end() || found->second.root != &root) return;
  handled.erase(found);
  told.push_back("unclaim " + name_space);
}

void FakeHost::tell_last(const detail::Outgoing& event) { keep(Sent::How::told, event, nullptr); }

bool FakeHost::listen(const std::shared_ptr<detail::ApiRoot>& /*root*/, const std::string& name_space) {
  told.push_back("listen " + name_space);
  return !told_before;
}

void FakeHost::listen_anew(const std::string& name_space) { told.push_back("listen anew " + name_space); }

void FakeHost::unlisten(const detail::ApiRoot& /*root*/, const std::string& name_space) noexcept {
  told.push_back("unlisten " + name_space);
}

void FakeHost::detach(detail::ApiRoot& root) noexcept {
  told.push_back("detach " + root.name_space());
  std::erase_if(handled, [&](const auto& entry) { return entry.second.root == &root; });
  root.detached(false);
}

}  // namespace vagus::testing
