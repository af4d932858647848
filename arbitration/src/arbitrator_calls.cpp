// The calls that this side makes.

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <vagus/core/nested_wait.hpp>
#include <vagus/core/random_number.hpp>
#include <vagus/wire/message.hpp>

#include "arbitrator_payload.hpp"
#include "callback.hpp"

namespace vagus {

/// Runs what follows a call that a handler made: on the blocked worker of the same call chain if there is
/// one, which else would wait for itself.
class Arbitrator::ChainExecutor final : public Executor {
 public:
  ChainExecutor(std::shared_ptr<Arbitrator> arbitrator, std::uint64_t chain,
                std::shared_ptr<Executor> otherwise)
      : arbitrator_(std::move(arbitrator)), chain_(chain), otherwise_(std::move(otherwise)) {}

  void execute(std::function<void()> work) override {
    const auto& workers = arbitrator_->blocked_;
    const auto callback = std::make_shared<ChainCallback>(
        [work = std::move(work), &log = arbitrator_->log_, &failed = arbitrator_->counters_.handlers_failed] {
          run_callback(work, log, failed);
        });
    if (workers->offer(chain_, 0, callback, BlockedWorkers::IfRefused::keep)) return;
    const auto offered = std::make_shared<OfferedCallback>(workers, chain_, callback);
    otherwise_->execute([offered] { offered->run(); });
  }

 private:
  const std::shared_ptr<Arbitrator> arbitrator_;
  const std::uint64_t chain_;
  const std::shared_ptr<Executor> otherwise_;
};

/// Makes a worker that blocks known to its call chain, for a scope.
class Arbitrator::BlockedScope final : private Sleeper::Source {
 public:
  BlockedScope(const Arbitrator& arbitrator, const Transaction& call, std::uint64_t link, Sleeper& sleeper)
      : blocked_(*arbitrator.blocked_), sleeper_(sleeper) {
    // A worker of another arbitrator runs nothing that only threads of our loop may run.
    const bool may_run = detail::on_worker() && (!arbitrator.foreign_ || arbitrator.on_loop_thread());
    const auto chain = may_run ? detail::current_chain() : std::nullopt;
    if (!chain) return;
    chain_ = chain->root;
    sleeper_.set_source(*this);
    blocked_.add(chain_, call, link, sleeper_);
  }
  ~BlockedScope() {
    if (chain_ == 0) return;
    blocked_.remove(chain_, sleeper_);
    sleeper_.finish();
  }
  BlockedScope(const BlockedScope&) = delete;
  BlockedScope& operator=(const BlockedScope&) = delete;

  /// The call is on its way: what was kept for such a worker runs now. Sooner, it would wait for the sending.
  void begin_wait() {
    if (chain_ != 0) blocked_.offer_again(chain_, sleeper_);
  }

 private:
  void takes_again(Sleeper& sleeper) override { blocked_.offer_again(chain_, sleeper); }

  BlockedWorkers& blocked_;
  Sleeper& sleeper_;
  std::uint64_t chain_ = 0;
};

/// Has a thread of the foreign loop take part in the call that it makes or waits for, also outside of
/// process(): what comes back to it meanwhile is run by it, as by a worker in a handler, since nobody else
/// may.
class Arbitrator::LoopThreadScope {
 public:
  /// Making a call begins its chain, waiting for it goes on with that one.
  enum class Use : std::uint8_t { making, waiting };

  LoopThreadScope(const Arbitrator& arbitrator, Transaction& call, Use use) {
    if (!arbitrator.foreign_ || detail::on_worker() || !arbitrator.on_loop_thread()) return;
    if (use == Use::making && call.own_chain() == 0) call.begin_chain(detail::random_number());
    if (call.own_chain() != 0) scope_.emplace(nullptr, true, call.own_chain());
  }

 private:
  std::optional<detail::ContextScope> scope_;
};

/// Counts the error of a call that is waited for, at the end of a scope.
class Arbitrator::FailureCount {
 public:
  FailureCount(Counters& counters, const Transaction& call) noexcept : counters_(counters), call_(call) {}
  ~FailureCount() {
    if (call_.state() == TransactionState::completed) return;
    if (const auto error = call_.error()) counters_.calls_failed.add(error->code());
  }
  FailureCount(const FailureCount&) = delete;
  FailureCount& operator=(const FailureCount&) = delete;

 private:
  Counters& counters_;
  const Transaction& call_;
};

namespace {

/// A call has ended before it was sent.
struct GivenUp {};

}  // namespace

std::shared_ptr<Executor> Arbitrator::executor(detail::ApiRoot* root) {
  if (home_.left()) return service_;
  auto usual = root != nullptr ? root->executor() : nullptr;
  if (!usual) usual = service_;
  const auto chain = detail::current_chain();
  if (!chain) return usual;
  return std::make_shared<ChainExecutor>(shared_from_this(), chain->root, std::move(usual));
}

// Sending
// -------------------------------------------------------------------------------------------------------------

ErrorPtr Arbitrator::unpackable(const detail::Outgoing& message, const std::exception& failure) {
  return make_error<ApiParamError>("the arguments of " + *message.name_space +
                                   " cannot be sent: " + failure.what());
}

bool Arbitrator::send_call(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction,
                           Session& session, Sleeper* reader, TimePoint now,
                           const std::optional<wire::Chain>& chain) {
  if (transaction->observer() != nullptr) transaction->observer()->sending(session.peer());
  const std::uint64_t link_before = transaction->link();
  const Execution execution_before = transaction->execution();
  const auto fail = [&](const ErrorPtr& error) {
    deadlines_.remove(*transaction);
    transaction->fail(with_context(error, transaction->context(execution_before)));
    return true;
  };
  if (const auto error = transactions_.open(transaction, session.id_side(), session.id())) return fail(error);
  ErrorPtr error;
  try {
    wire::Extension extension = extension_of(call, transaction->final_deadline(), chain, now);
    extension.progress = transaction->progress_window();
    Payload payload(*this, call, session, extension);
    const auto write = [&](wire::Writer& writer) {
      // This is done anew under the turn to send. Who gives the call up from here on tells the peer behind
      // it.
      if (transaction->done()) throw GivenUp();
      // What is counted here is written next, and has to have the same size then.
      if (writer.counts_only()) payload.renew_time_left(transaction->final_deadline());
      wire::begin_request(writer, transaction->id().wire(), *call.name_space, payload.extended());
      payload.write(writer);
    };
    error = session.send(write, call.deadline, call.when_full, reader);
  } catch (const GivenUp&) {
    transactions_.forget(transaction->id(), session.id());
    return true;
  } catch (const std::exception& failure) {
    error = unpackable(call, failure);
  }
  // Whoever has found that the link has ended may have been faster: the call is his then.
  if (!error || !transactions_.forget(transaction->id(), session.id())) return true;
  if (call.when_down == WhenDown::queue && tells_of_lost_link(*error, session)) {
    transaction->filed(TransactionId{}, link_before);
    return false;
  }
  return fail(error);
}

void Arbitrator::begin_chain(Transaction& call) const {
  const LoopThreadScope scope(*this, call, LoopThreadScope::Use::making);
}

void Arbitrator::submit(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction) {
  const LoopThreadScope scope(*this, *transaction, LoopThreadScope::Use::making);
  if (call.target.kind == detail::Target::Kind::all) {
    await_peers(call, transaction);
    return;
  }
  counters_.calls_made.add();
  transaction->count_failure();
  observe(*transaction);
  if (const auto error = try_start()) {
    transaction->fail(with_context(error, transaction->context(Execution::not_sent)));
    return;
  }
  if (call.deadline.passed(transaction->began())) {
    expire(*transaction);
    return;
  }
  if (call.target.kind == detail::Target::Kind::local) {
    transaction->filed(TransactionId{}, Transaction::own_process);
    watch_deadline(transaction);
    submit_local(call, transaction);
    return;
  }
  const auto line = line_to_join(call);
  // What stands in line may wait for a link that is lost; what is not to wait fails then.
  const Selection selection = line && call.when_down == WhenDown::queue ? Selection{} : select(call);
  if (selection.error) {
    transaction->fail(selection.error);
    return;
  }
  keep_for_resending(call, transaction);
  if (!selection.session || (line && is_preceded(call, selection.session.get()))) {
    watch_deadline(transaction);
    park(call, transaction, line ? *line : selection.unknown ? line_of_unknown(call) : endpoint_of(call));
    return;
  }
  // Watched only once it is sent: until then send() minds the deadline, and knows that it was not.
  const bool sent = send_call(call, transaction, *selection.session, nullptr, transaction->began(),
                              detail::current_chain());
  if (transaction->done()) return;
  watch_deadline(transaction);
  if (!sent) park_lost(call, transaction);
  if (transaction->done()) deadlines_.remove(*transaction);  // else whoever ends it later removes it
}

void Arbitrator::await_peers(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction) {
  ErrorPtr error = try_start();
  Selection selection;
  if (!error) {
    selection = select(call);
    error = selection.error;
  }
  if (error) {
    transaction->fail(with_context(error, transaction->context(Execution::not_sent)));
  } else if (selection.session) {
    transaction->complete({});
  } else {
    watch_deadline(transaction);
    park(call, transaction, selection.unknown ? line_of_unknown(call) : endpoint_of(call));
  }
}

void Arbitrator::submit_and_wait(const detail::Outgoing& call,
                                 const std::shared_ptr<Transaction>& transaction) {
  const LoopThreadScope scope(*this, *transaction, LoopThreadScope::Use::making);
  const FailureCount count(counters_, *transaction);
  observe(*transaction);
  if (const auto error = try_start()) {
    counters_.calls_made.add();
    transaction->fail(with_context(error, transaction->context(Execution::not_sent)));
    return;
  }
  if (detail::NestedWait::is_refused()) {
    counters_.calls_made.add();
    transaction->cancel(make_error<TransactionCancelled>(
        transaction->name_space() + " was not called: nobody waits any more for what calls it",
        transaction->context(Execution::not_sent)));
    return;
  }
  const bool local = call.target.kind == detail::Target::Kind::local;
  const Selection selection =
      local || call.deadline.passed(transaction->began()) || line_to_join(call) ? Selection{} : select(call);
  if (selection.error) {
    counters_.calls_made.add();
    transaction->fail(selection.error);
    return;
  }
  if (!selection.session) {
    // Nobody to send it to yet, or this process itself: there is no link to read meanwhile.
    Sleeper sleeper;
    BlockedScope blocked(*this, *transaction, 0, sleeper);
    submit(call, transaction);
    blocked.begin_wait();
    std::optional<detail::NestedWait> nested;
    if (detail::NestedWait::is_of_use()) nested.emplace(transaction, shared_from_this());
    wait_without_link(*transaction, sleeper, Deadline::never());
    return;
  }
  counters_.calls_made.add();
  keep_for_resending(call, transaction);
  Session& session = *selection.session;
  Sleeper sleeper;
  {
    BlockedScope blocked(*this, *transaction, session.id(), sleeper);
    transaction->watch_first(sleeper);
    session.queue_for_reading(sleeper);  // before it is sent: the answer then rings for nobody else
    if (!send_call(call, transaction, session, &sleeper, transaction->began(), detail::current_chain())) {
      session.leave(sleeper);  // else nobody comes to say that the link has ended
      park_lost(call, transaction);
    }
    blocked.begin_wait();
    std::optional<detail::NestedWait> nested;
    if (detail::NestedWait::is_of_use()) nested.emplace(transaction, shared_from_this());
    session.wait(*transaction, sleeper, call.deadline);
    if (!sleeper.ended_here()) transaction->unwatch(sleeper);
    // Its link has ended, and it is to be sent on another one.
    if (transaction->link() != session.id()) wait_without_link(*transaction, sleeper, call.deadline);
  }
  if (!transaction->done()) expire(*transaction);
}

void Arbitrator::wait(Transaction& transaction, Deadline deadline) {
  if (const auto error = not_at_home(transaction.name_space())) {
    transaction.fail(error);  // it was made before the fork: its answer goes to the parent
    return;
  }
  const LoopThreadScope scope(*this, transaction, LoopThreadScope::Use::waiting);
  Sleeper sleeper;
  const auto session = transaction.link() != 0 ? find_session(transaction.link()) : nullptr;
  BlockedScope blocked(*this, transaction, session ? session->id() : 0, sleeper);
  blocked.begin_wait();
  if (session && !transaction.done()) {
    if (!transaction.watch(sleeper)) return;
    session->queue_for_reading(sleeper);
    session->wait(transaction, sleeper, deadline);
    transaction.unwatch(sleeper);
    if (transaction.link() == session->id()) return;
  }
  wait_without_link(transaction, sleeper, deadline);
}

void Arbitrator::wait_without_link(Transaction& transaction, Sleeper& sleeper, Deadline deadline) {
  if (!transaction.watch(sleeper)) return;
  for (;;) {
    sleeper.run_delivered();
    if (transaction.done() || deadline.passed()) break;
    sleeper.sleep(deadline);
  }
  transaction.unwatch(sleeper);
}

void Arbitrator::submit_local(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction) {
  if (const auto error = run_locally(call, transaction)) {
    deadlines_.remove(*transaction);
    transaction->fail(with_context(error, transaction->context(Execution::not_sent)));
  }
}

ErrorPtr Arbitrator::run_locally(const detail::Outgoing& call,
                                 const std::shared_ptr<Transaction>& transaction) {
  if (phase_.load() >= Phase::stopping) return stopped_error(*call.name_space);
  Bytes arguments;
  try {
    arguments = wire::written([&](wire::Writer& writer) { call.pack(writer); });
  } catch (const std::exception& failure) {
    return unpackable(call, failure);
  }
  const Deadline deadline = transaction ? transaction->final_deadline() : call.deadline;
  const wire::Extension extension = extension_of(call, deadline, detail::current_chain(), Deadline::now());
  detail::CallContext context;
  context.deadline = deadline;
  context.priority = call.priority;
  context.chain = extension.chain.value_or(wire::Chain{detail::random_number(), 0});
  context.waiter = this;
  const auto route = routing_.route(*call.name_space);
  const wire::MessageSource::Scope no_source(nullptr);
  const auto incoming = std::make_shared<LocalCall>(transaction, answer_tools(), call.name_space, context);
  if (transaction) {
    if (!keep_until_ended(transaction)) return stopped_error(*call.name_space);
    follow_local(transaction, incoming);
  }
  if (observing_->active()) observing_->receive(*incoming);
  handle(nullptr, incoming, route.get(), {arguments, call.keyword}, extension, nullptr);
  return nullptr;
}

void Arbitrator::follow_local(const std::shared_ptr<Transaction>& transaction,
                              const std::shared_ptr<LocalCall>& call) {
  call->begin_progress(call);
  transaction->then(nullptr, [call = std::weak_ptr(call)] {
    // Its handler hears that the call has ended without it.
    if (const auto present = call.lock(); present && !present->answered()) present->request_stop();
  });
}

}  // namespace vagus
