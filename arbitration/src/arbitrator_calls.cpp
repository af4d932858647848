// The calls that this side makes.

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <vagus/core/nested_wait.hpp>
#include <vagus/core/random_number.hpp>
#include <vagus/wire/message.hpp>

#include "arbitrator.hpp"
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

wire::Extension extension_of(const detail::Outgoing& message, Deadline deadline,
                             const std::optional<wire::Chain>& chain, TimePoint now) {
  wire::Extension extension;
  extension.keyword_arguments = message.keyword;
  if (!deadline.is_never()) {
    // Rounded up: the handler's deadline never comes before the caller's.
    const auto left = std::chrono::ceil<std::chrono::microseconds>(deadline.remaining(now));
    extension.time_remaining_us = static_cast<std::uint64_t>(left.count());
  }
  if (message.priority != Priority::normal) extension.priority = static_cast<std::int32_t>(message.priority);
  if (chain) extension.chain = wire::Chain{chain->root, chain->depth + 1};
  return extension;
}

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

Bytes Arbitrator::arguments_for_plain(const detail::Outgoing& message) const {
  std::shared_ptr<const detail::MemberInfo> declared;
  if (!message.keyword.empty()) {
    if (const auto owner = routing_.owner(*message.name_space)) {
      declared = owner->root->declared(*message.name_space);
    }
  }
  return plain_arguments(message, declared ? &declared->parameters : nullptr);
}

ErrorPtr Arbitrator::unpackable(const detail::Outgoing& message, const std::exception& failure) {
  return make_error<ApiParamError>("the arguments of " + *message.name_space +
                                   " cannot be sent: " + failure.what());
}

bool Arbitrator::send_call(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction,
                           Session& session, Sleeper* reader, TimePoint now,
                           const std::optional<wire::Chain>& chain) {
  if (transaction->observer() != nullptr) transaction->observer()->sending(session.peer());
  const std::uint64_t link_before = transaction->link();
  if (const auto error = transactions_.open(transaction, session.id_side(), session.id())) {
    transaction->fail(with_context(error, transaction->context(transaction->execution())));
    return true;
  }
  ErrorPtr error;
  try {
    const bool plain = session.plain() != nullptr;
    Bytes arguments;            // of a plain peer
    wire::Extension extension;  // of any other
    std::string signature;
    if (plain) {
      arguments = arguments_for_plain(call);
    } else {
      extension = extension_of(call, transaction->final_deadline(), chain, now);
      extension.signature = signature = differing_signature(call, session);
      extension.progress = transaction->progress_window();
    }
    const auto write = [&](wire::Writer& writer) {
      wire::begin_request(writer, transaction->id().wire(), *call.name_space, !extension.empty());
      plain ? writer.raw(arguments) : call.pack(writer);
      if (!extension.empty()) wire::write_extension(writer, extension);
    };
    error = session.send(write, call.deadline, call.when_full, reader);
  } catch (const std::exception& failure) {
    error = unpackable(call, failure);
  }
  // Whoever has found that the link has ended may have been faster: the call is his then.
  if (!error || !transactions_.forget(transaction->id(), session.id())) return true;
  if (call.when_down == WhenDown::queue && tells_of_lost_link(*error, session)) {
    transaction->filed(TransactionId{}, link_before);
    return false;
  }
  deadlines_.remove(*transaction);
  const bool sent_before = link_before != 0;
  transaction->fail(
      with_context(error, transaction->context(sent_before ? Execution::unknown : Execution::not_sent)));
  return true;
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
    if (!local_calls_.add(transaction)) return stopped_error(*call.name_space);
    follow_local(transaction, incoming);
  }
  if (observing_->active()) observing_->receive(*incoming);
  handle(nullptr, incoming, route.get(), {arguments, call.keyword}, extension, nullptr);
  return nullptr;
}

void Arbitrator::follow_local(const std::shared_ptr<Transaction>& transaction,
                              const std::shared_ptr<LocalCall>& call) {
  call->begin_progress(call);
  transaction->then(nullptr,
                    [arbitrator = weak_from_this(), call = std::weak_ptr(call), ended = &*transaction] {
                      // Its handler hears that the call has ended without it.
                      if (const auto present = call.lock(); present && !present->answered())
                        present->request_stop();
                      const auto self = arbitrator.lock();
                      if (!self || self->home_.left()) return;
                      self->deadlines_.remove(*ended);
                      self->local_calls_.remove(*ended);
                    });
}

// Unsolicited
// ---------------------------------------------------------------------------------------------------------

ErrorPtr Arbitrator::send_unsolicited(const detail::Outgoing& message, Session& session) {
  ErrorPtr error;
  try {
    const bool plain = session.plain() != nullptr;
    Bytes arguments;            // of a plain peer
    wire::Extension extension;  // of any other
    std::string signature;
    if (plain) {
      arguments = arguments_for_plain(message);
    } else {
      extension.signature = signature = differing_signature(message, session);
      extension.keyword_arguments = message.keyword;
      if (message.priority != Priority::normal)
        extension.priority = static_cast<std::int32_t>(message.priority);
    }
    const auto write = [&](wire::Writer& writer) {
      wire::begin_notification(writer, *message.name_space, !extension.empty());
      plain ? writer.raw(arguments) : message.pack(writer);
      if (!extension.empty()) wire::write_extension(writer, extension);
    };
    error = session.send(write, message.deadline, message.when_full, nullptr);
  } catch (const std::exception& failure) {
    error = unpackable(message, failure);
  }
  if (!error) {
    counters_.messages_posted.add();
    return nullptr;
  }
  if (message.when_full == WhenFull::drop && error->code() == ErrorCode::overloaded) {
    counters_.posts_dropped.add();
    return nullptr;
  }
  return with_context(error, {*message.name_space, {}, Execution::not_sent});
}

ErrorPtr Arbitrator::post_locally(const detail::Outgoing& message) {
  if (const auto error = run_locally(message, nullptr)) {
    return with_context(error, {*message.name_space, {}, Execution::not_sent});
  }
  counters_.messages_posted.add();
  return nullptr;
}

ErrorPtr Arbitrator::post(const detail::Outgoing& message) {
  if (const auto error = try_start()) {
    return with_context(error, {*message.name_space, {}, Execution::not_sent});
  }
  if (phase_.load() >= Phase::stopping) return stopped_error(*message.name_space);
  if (message.target.kind == detail::Target::Kind::local) return post_locally(message);
  const std::string endpoint = endpoint_of(message);
  Sessions listening = listening_sessions(endpoint, message);
  while (parked_.any() && any_open(endpoint) && has_waited_for_parked(message, nullptr)) {
    listening = listening_sessions(endpoint, message);
  }
  const bool aimed = message.target.kind == detail::Target::Kind::peer;
  const bool queued = message.when_down == WhenDown::queue && !aimed;
  if (message.event && queued && is_behind_event(message)) return queue_message(message);
  bool sent = false;
  bool any_lost = false;
  ErrorPtr first_error;
  for (const auto& session : listening) {
    const auto error = send_unsolicited(message, *session);
    if (!error) sent = true;
    if (error && tells_of_lost_link(*error, *session)) any_lost = true;
    if (error && !first_error) first_error = error;
  }
  if (queued && any_lost && !sent) return queue_message(message);
  if (!listening.empty()) return first_error;
  if (message.event) {
    if (queued && !any_open(endpoint)) return queue_message(message);
    counters_.events_unheard.add();
    return nullptr;
  }
  // A method, or a name of which only the peer knows what it is.
  for (;;) {
    const auto chances = chances_.load();
    const Selection selection = select(message);
    if (selection.error) return selection.error;
    if (selection.session) {
      if (has_waited_for_parked(message, selection.session.get())) continue;
      const auto error = send_unsolicited(message, *selection.session);
      const bool lost = error && tells_of_lost_link(*error, *selection.session);
      return queued && lost ? queue_message(message) : error;
    }
    if (queued) return queue_message(message);
    if (!wait_for_another_chance(chances, message.deadline)) {
      return make_error<TransportDisconnectedError>(
          "no peer came in time to send " + *message.name_space + " to",
          {*message.name_space, {}, Execution::not_sent});
    }
  }
}

// Giving up
// -----------------------------------------------------------------------------------------------------------

void Arbitrator::watch_deadline(const std::shared_ptr<Transaction>& transaction) {
  if (!deadlines_.add(transaction)) return;
  MutexLock lock(timer_mutex_);
  watch_earliest_deadline();
}

// A timer that stands at the deadline of a call that has ended since is left there: to move it wakes a thread
// of the loop, which would be so for each call that is the only one for the moment.
void Arbitrator::watch_earliest_deadline() {
  const auto earliest = deadlines_.earliest();
  if (!deadline_timer_ || !earliest || *earliest >= deadline_look_) return;
  deadline_look_ = *earliest;
  deadline_timer_->start(*earliest);
}

void Arbitrator::expire_passed() {
  const auto passed = deadlines_.take_passed(Deadline::now());
  {
    MutexLock lock(timer_mutex_);
    deadline_look_ = TimePoint::max();
    watch_earliest_deadline();
  }
  for (const auto& transaction : passed) give_up_late(*transaction);
}

void Arbitrator::expire(Transaction& transaction) {
  // Else somebody else is just ending it.
  if (!give_up_late(transaction)) transaction.wait(Deadline::never());
}

bool Arbitrator::give_up_late(Transaction& transaction) {
  const Execution execution = transaction.execution();
  const bool sent = execution != Execution::not_sent;
  const auto renewed = transaction.renewed_timeout();
  const auto allowed = std::chrono::round<std::chrono::milliseconds>(
      renewed.value_or(transaction.deadline().at() - transaction.began()));
  const std::string within = std::to_string(allowed.count()) + " ms";
  const std::string& name_space = transaction.name_space();
  const auto error = make_error<TransactionTimeout>(
      allowed.count() <= 0 ? "the deadline of " + name_space + " had passed before it was sent"
      : sent && renewed    ? "neither progress nor an answer from " + name_space + " within " + within
      : sent               ? "no answer from " + name_space + " within " + within
                           : "no peer came within " + within + " that " + name_space + " could be sent to",
      transaction.context(execution));
  if (!transaction.time_out(error)) return false;
  place_may_be_free(transaction);
  tell_cancelled(transaction);
  return true;
}

bool Arbitrator::cancel(Transaction& transaction) {
  if (const auto error = not_at_home(transaction.name_space())) {
    return transaction.cancel(error);  // the parent goes on to wait for its own
  }
  const auto error = make_error<TransactionCancelled>(transaction.name_space() + " was cancelled",
                                                      transaction.context(transaction.execution()));
  if (!transaction.cancel(error)) return false;
  deadlines_.remove(transaction);
  place_may_be_free(transaction);
  tell_cancelled(transaction);
  return true;
}

void Arbitrator::tell_cancelled(const Transaction& transaction) noexcept {
  if (!transaction.id() || !transactions_.reserve(transaction.id())) return;
  const auto session = find_session(transaction.link());
  if (!session || session->plain() != nullptr) return;
  try {
    session->send_soon([&](wire::Writer& writer) {
      wire::begin_notification(writer, "$cancel", false);
      writer.array(1);
      writer.unsigned_integer(transaction.id().wire());
    });
  } catch (const std::exception& failure) {
    // The handler then runs on for nothing; the caller has its answer all the same.
    log_.warning(std::string("a cancellation could not be sent: ") + failure.what());
  }
}

}  // namespace vagus
