// The messages that arrive. All of this runs on whatever thread reads, which holds the message in the link's
// memory: it decodes, hands over, and never waits.

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <vagus/core/random_number.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/pack.hpp>

#include "arbitrator.hpp"

namespace vagus {

namespace {

// A chain of calls deeper than this is served like any other request.
constexpr std::uint32_t max_chain_depth = 32;

// Within which a caller whose deadline has passed has said so; it is to notice before it is answered.
constexpr Duration time_to_say_so = std::chrono::milliseconds(100);

Priority priority_of(const wire::Extension& extension) noexcept {
  const std::int32_t given = extension.priority.value_or(0);
  return given < 0 ? Priority::low : given > 0 ? Priority::high : Priority::normal;
}

Deadline deadline_of(const wire::Extension& extension, TimePoint& now) noexcept {
  if (!extension.time_remaining_us) return Deadline::never();
  constexpr auto longest = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Duration::max()).count());
  if (*extension.time_remaining_us >= longest) return Deadline::never();
  now = Deadline::now();
  return Deadline::after(std::chrono::microseconds(static_cast<std::int64_t>(*extension.time_remaining_us)),
                         now);
}

ErrorContext not_run(const detail::IncomingCall& call) noexcept {
  return {call.name_space(), call.id(), Execution::not_run};
}

TransactionId read_id(wire::Reader& params) {
  return TransactionId{static_cast<std::uint32_t>(
      params.integer(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::uint32_t>::max()))};
}

bool is_own(std::string_view method) noexcept { return method.starts_with('$'); }

std::shared_ptr<const std::string> name_of(const wire::Message& message, const Route* route) {
  return route != nullptr ? route->name_space : std::make_shared<const std::string>(message.method);
}

}  // namespace

void Arbitrator::dispatch(Session& session, std::span<const std::byte> bytes, AdmittedWork* inline_work) {
  const wire::MessageSource::Scope source(&session);
  try {
    wire::Message message = wire::parse(bytes, limits_);
    // A peer that may not do everything, which is known once it is admitted, can change its memory meanwhile:
    // what it was allowed has to be what it gets.
    std::string method;
    if (!session.admitted() || session.rights() != nullptr) {
      method = message.method;
      message.method = method;
    }
    switch (message.kind) {
      case wire::MessageKind::request:
        on_request(session, message, inline_work);
        return;
      case wire::MessageKind::response:
        on_response(session, message);
        return;
      case wire::MessageKind::notification:
        on_notification(session, message, inline_work);
        return;
    }
  } catch (const wire::DecodeError& wrong) {
    session.close(
        make_error<ProtocolError>(session.peer().name + " sent what is no valid message: " + wrong.what()));
  } catch (const std::exception& failure) {
    // Of our own making, memory most likely; the link cannot go on with a message lost.
    log_.error(std::string("a message could not be handled, its link is closed: ") + failure.what());
    session.close(make_error<TransportFinishedError>(failure.what()));
  }
}

void Arbitrator::on_response(Session& session, const wire::Message& message) {
  if (!session.admitted()) {
    on_login_answer(session, message);
    return;
  }
  std::size_t left = 0;
  const auto transaction = transactions_.take(TransactionId{message.id}, session.id(), &left);
  session.note_awaited(left);
  if (!transaction) return;  // late or unknown: counted there
  end_with(*transaction, session, message);
  leave_ended(transaction);  // after its end, which submit() looks for
}

void Arbitrator::leave_ended(const std::shared_ptr<Transaction>& transaction) {
  if (transaction->done()) {
    deadlines_.remove(*transaction);
    return;
  }
  // Its end is held back, see Transaction::hold_end(): no link knows it any more, its deadline and stop()
  // have to.
  if (!keep_until_ended(transaction)) transaction->hurry();
}

bool Arbitrator::keep_until_ended(const std::shared_ptr<Transaction>& transaction) {
  const bool kept = unlinked_calls_.add(transaction);
  transaction->then(nullptr, [weak = weak_from_this(), ended = transaction.get()] {
    const auto self = weak.lock();
    if (!self || self->home_.left()) return;
    self->deadlines_.remove(*ended);
    self->unlinked_calls_.remove(*ended);
  });
  return kept;
}

void Arbitrator::end_with(Transaction& transaction, Session& session, const wire::Message& response) {
  wire::Reader error(response.error);
  if (error.try_nil()) {
    const auto count = [&] {
      // A ping has not been counted as made. What else peers are asked of themselves has, as any call.
      if (transaction.name_space() != "$ping") session.count_completed();
    };
    if (!transaction.complete(response.result, count)) transactions_.count_late_reply();
    return;
  }
  const auto told = session.plain() ? wire::decode_plain_error(error) : wire::decode_error(error);
  const auto failure = exceptions_.rebuild(told, transaction.context(Execution::ran));
  if (!transaction.deadline().passed()) {
    if (!transaction.fail(failure)) transactions_.count_late_reply();
    return;
  }
  // The other side gave up for the same reason as we do, and was a little quicker to say so than we to
  // notice.
  transaction.time_out(
      make_error<TransactionTimeout>("no answer from " + transaction.name_space() +
                                         " before the deadline; it ended with: " + failure->what(),
                                     transaction.context(failure->execution())));
}

detail::CallContext Arbitrator::context_of(const wire::Message& message) {
  detail::CallContext context;
  context.deadline = deadline_of(message.extension, context.arrived);
  context.priority = priority_of(message.extension);
  if (message.extension.chain) context.chain = *message.extension.chain;
  if (context.chain.root == 0) context.chain.root = detail::random_number();
  context.waiter = this;
  return context;
}

std::shared_ptr<RemoteCall> Arbitrator::make_call(Session& session, const wire::Message& message,
                                                  std::shared_ptr<const std::string> name_space,
                                                  bool solicited) {
  auto call = std::make_shared<RemoteCall>(session.shared_from_this(), answer_tools(), std::move(name_space),
                                           TransactionId{message.id}, solicited, context_of(message));
  if (observing_->active()) observing_->receive(*call);
  return call;
}

void Arbitrator::on_request(Session& session, const wire::Message& message, AdmittedWork* inline_work) {
  if (message.method == "$ping") {
    session.send_soon([&](wire::Writer& writer) {
      wire::begin_response(writer, message.id);
      writer.nil();
      writer.nil();
    });
    return;
  }
  if (!session.admitted()) {
    on_early_request(session, message);
    return;
  }
  counters_.requests_received.add();
  const auto route = routing_.route(message.method);
  const auto call = make_call(session, message, name_of(message, route.get()), true);
  if (session.plain() == nullptr) call->allow_progress(message.extension.progress);
  if (phase_.load() >= Phase::stopping) {
    call->refuse(make_error<TransportFinishedError>(name_ + " is stopping", not_run(*call)));
  } else if (!call->file(options_.max_pending)) {
    call->refuse(make_error<OverloadedError>("this peer has " + std::to_string(options_.max_pending) +
                                                 " calls unanswered, and no more are taken (max_pending)",
                                             not_run(*call)));
  } else if (message.method == "$describe") {
    answer_about_itself(session, call, {message.params, message.extension.keyword_arguments},
                        &Arbitrator::answer_describe);
  } else if (message.method == "$stats") {
    on_stats(session, call, {message.params, message.extension.keyword_arguments});
  } else if (!may_call(session, message.method)) {
    call->refuse(denied(session, "call", message.method));
  } else {
    watch_handled(call->context().deadline);
    handle(&session, call, route.get(), {message.params, message.extension.keyword_arguments},
           message.extension, inline_work);
  }
}

// A caller says so when its deadline has passed, unless it is halted or cut off: then its handler would wait
// on. Calls are short compared with their deadlines, so that one look for many of them is enough.
void Arbitrator::watch_handled(Deadline deadline) {
  const TimePoint look = Deadline::after(time_to_say_so, deadline.at()).at();
  if (look >= handled_look_.load(std::memory_order_relaxed)) return;
  MutexLock lock(timer_mutex_);
  if (!handled_timer_ || look >= handled_look_.load(std::memory_order_relaxed)) return;
  handled_look_.store(look, std::memory_order_relaxed);
  handled_timer_->start(look);
}

void Arbitrator::stop_expired() {
  {
    MutexLock lock(timer_mutex_);
    handled_look_.store(TimePoint::max(), std::memory_order_relaxed);
  }
  const Sessions sessions = all_sessions();
  const TimePoint now = Deadline::now() - time_to_say_so;
  Deadline earliest;
  for (const auto& session : sessions) earliest = std::min(earliest, session->stop_expired(now));
  watch_handled(earliest);
}

void Arbitrator::on_notification(Session& session, const wire::Message& message, AdmittedWork* inline_work) {
  if (!session.admitted()) {
    counters_.permissions_denied.add();
    return;
  }
  if (is_own(message.method)) {
    // Of one that has said no hello they mean nothing.
    if (session.plain() == nullptr) on_own_notification(session, message);
    return;
  }
  counters_.messages_received.add();
  if (phase_.load() >= Phase::stopping) return;
  if (!may_call(session, message.method)) {
    make_call(session, message, name_of(message, nullptr), false)
        ->refuse(denied(session, "send", message.method));
    return;
  }
  if (deliver_event(session, message, inline_work)) return;
  const auto route = routing_.route(message.method);
  const auto call = make_call(session, message, name_of(message, route.get()), false);
  handle(&session, call, route.get(), {message.params, message.extension.keyword_arguments},
         message.extension, inline_work);
}

void Arbitrator::on_own_notification(Session& session, const wire::Message& message) {
  if (message.method == "$interest") {
    apply_interest(session, message.params);
  } else if (message.method == "$cancel") {
    wire::Reader params(message.params);
    if (params.array() >= 1) on_cancel(session, params);
  } else if (message.method == "$progress") {
    wire::Reader params(message.params);
    if (params.array() >= 2) on_progress(session, params);
  }
  // Others are of a later version: ignored, that is how it grows.
}

void Arbitrator::on_cancel(Session& session, wire::Reader& params) {
  if (const auto call = session.handled(read_id(params))) call->request_stop();
}

// Progress
// ------------------------------------------------------------------------------------------------------------

// An id of ours: a part of the answer to our call. One of the peer's: it has taken parts of ours.
void Arbitrator::on_progress(Session& session, wire::Reader& params) {
  const TransactionId id = read_id(params);
  if (id.side() == session.side()) {
    const auto transaction = transactions_.find(id, session.id());
    if (transaction && !transaction->done()) give_part(transaction, params.skip());
  } else if (const auto call = session.handled(id)) {
    call->acknowledged(params.unsigned_integer());
  }
}

void Arbitrator::give_part(const std::shared_ptr<Transaction>& transaction, std::span<const std::byte> part) {
  const auto mismatch = take_part(*transaction, part);
  if (!mismatch || !transaction->fail(mismatch)) return;
  leave_ended(transaction);
  tell_cancelled(*transaction);
}

void Arbitrator::acknowledge(const Transaction& transaction, std::uint64_t parts) {
  const auto session = find_session(transaction.link());
  if (!session || session->plain() != nullptr) return;
  session->send_soon([&](wire::Writer& writer) {
    wire::begin_notification(writer, "$progress", false);
    writer.array(2);
    writer.unsigned_integer(transaction.id().wire());
    writer.unsigned_integer(parts);
  });
}

// Handlers
// ------------------------------------------------------------------------------------------------------------

void Arbitrator::handle(Session* session, const std::shared_ptr<detail::IncomingCall>& call,
                        const Route* route, const detail::Arguments& arguments,
                        const wire::Extension& extension, AdmittedWork* inline_work) {
  const auto handler = route != nullptr ? route->slot->handler() : nullptr;
  if (!handler) {
    unhandled(call, arguments);
    return;
  }
  if (const auto mismatch = contract_mismatch(*call, extension.signature, route->slot->declared())) {
    call->refuse(mismatch);
    return;
  }
  std::unique_ptr<detail::Invocation> invocation;
  try {
    invocation = handler->bind(arguments, route->slot->parameters(), call->name_space());
  } catch (const ApiParamError& wrong) {
    call->refuse(make_error<ApiParamError>(wrong.what(), not_run(*call)));
    return;
  } catch (const wire::DecodeError& wrong) {
    call->refuse(make_error<ApiParamError>("the arguments of " + call->name_space() + ": " + wrong.what(),
                                           not_run(*call)));
    return;
  }
  auto work = std::make_shared<CallWork>(call, route->attachment, handler, std::move(invocation),
                                         Strand{.scope = route->slot->serial_scope()});
  CallChain chain;
  if (extension.chain && extension.chain->depth <= max_chain_depth) {
    chain = {extension.chain->root, session != nullptr ? session->id() : 0};
  }
  admit(route->attachment->intake, std::move(work), *call, inline_work, chain);
}

void Arbitrator::admit(const std::shared_ptr<Intake>& intake, std::shared_ptr<Work> work,
                       detail::IncomingCall& call, AdmittedWork* inline_work, const CallChain& chain) {
  // What nobody waits for is handled before anything else is read, by an API without workers: a reply that
  // was sent after an event completes its call later.
  const bool in_place = !call.solicited() && intake->runs_inline();
  const bool may_run = inline_work != nullptr && !*inline_work && !in_place;
  switch (intake->admit(work, may_run, chain)) {
    case Intake::Admission::run_now:
      if (may_run) {
        *inline_work = {intake, std::move(work)};
      } else {
        // An API without workers: on whatever thread reads, which nobody reads for meanwhile. What its
        // handler decodes is not of this message.
        const wire::MessageSource::Scope no_source(nullptr);
        call.forbid_waiting();
        intake->run_admitted(work);
        intake->go_on();
      }
      return;
    case Intake::Admission::taken:
      return;
    case Intake::Admission::full:
      work->lost();
      call.refuse(make_error<OverloadedError>("the queue of the API of " + call.name_space() + " is full",
                                              not_run(call)));
      return;
    case Intake::Admission::closed:
      if (phase_.load() >= Phase::stopping) {
        call.refuse(make_error<TransportFinishedError>(name_ + " is stopping", not_run(call)));
      } else {
        call.refuse(make_error<UnknownApiError>("the API of " + call.name_space() + " has been detached",
                                                not_run(call)));
      }
      return;
  }
}

bool Arbitrator::deliver_event(Session& session, const wire::Message& message, AdmittedWork* inline_work) {
  const auto heard = routing_.listeners(message.method);
  if (!heard) return deliver_by_pattern(session, message, nullptr, inline_work);
  for (const auto& attachment : heard->by) {
    if (!attachment->peer.empty() && attachment->peer != session.peer().endpoint) continue;
    const auto subscribers = attachment->root->subscribers(message.method);
    if (!subscribers) continue;  // the last one is just going
    for (const detail::Subscriber& subscriber : subscribers->all) {
      deliver_to(subscriber, subscribers->declared.get(), attachment,
                 make_call(session, message, heard->name_space, false), session, message, inline_work);
    }
  }
  deliver_by_pattern(session, message, heard.get(), inline_work);
  return true;
}

void Arbitrator::deliver_to(const detail::Subscriber& subscriber, const detail::MemberInfo* declared,
                            const std::shared_ptr<Attachment>& attachment,
                            const std::shared_ptr<RemoteCall>& call, const Session& session,
                            const wire::Message& message, AdmittedWork* inline_work) {
  static const detail::ParameterList unnamed;
  const detail::Arguments arguments{message.params, message.extension.keyword_arguments};
  if (const auto mismatch = contract_mismatch(*call, message.extension.signature, declared)) {
    call->refuse(mismatch);
    return;
  }
  try {
    auto invocation = subscriber.handler->bind(
        arguments, declared != nullptr ? declared->parameters : unnamed, call->name_space());
    Strand strand;
    if (!subscriber.concurrent) strand = {.subscriber = subscriber.handler.get(), .link = session.peer().id};
    admit(attachment->intake,
          std::make_shared<CallWork>(call, attachment, subscriber.handler, std::move(invocation),
                                     std::move(strand), subscriber.queue),
          *call, inline_work);
  } catch (const ApiParamError& wrong) {
    call->refuse(std::make_shared<const ApiParamError>(wrong));
  } catch (const wire::DecodeError& wrong) {
    call->refuse(make_error<ApiParamError>("the arguments of " + call->name_space() + ": " + wrong.what(),
                                           not_run(*call)));
  }
}

void Arbitrator::unhandled(const std::shared_ptr<detail::IncomingCall>& call,
                           const detail::Arguments& arguments) {
  const std::string& name_space = call->name_space();
  const ErrorContext context{name_space, call->id(), Execution::not_run};
  const auto owner = is_namespace(name_space) ? routing_.owner(name_space) : nullptr;
  const ErrorPtr otherwise =
      owner ? make_error<UnsupportedApiError>("nothing handles " + name_space + " at " + name_, context)
            : make_error<UnknownApiError>(
                  name_ + " has no API that " + name_space.substr(0, 200) + " belongs to", context);
  auto hooks = owner ? owner->root->unhandled_hooks(name_space) : std::vector<UnhandledHook>{};
  {
    MutexLock lock(hook_mutex_);
    // Reserved names are between the arbitrators: one that is not known here is of a later version.
    if (unhandled_hook_ && !is_own(name_space)) hooks.push_back(unhandled_hook_);
  }
  if (hooks.empty()) {
    call->refuse(otherwise);
    return;
  }
  wire::Reader positional(arguments.positional);
  wire::Reader named(arguments.keyword);
  Value by_name = arguments.keyword.empty() ? Value(Value::Map{}) : wire::unpack<Value>(named);
  const auto& attachment = owner ? owner : serving_;
  admit(attachment->intake,
        std::make_shared<HookWork>(call, std::move(hooks), wire::unpack<Value>(positional),
                                   std::move(by_name), attachment, otherwise),
        *call, nullptr);
}

void Arbitrator::set_unhandled(UnhandledHook hook) {
  check_home();
  {
    MutexLock lock(hook_mutex_);
    std::swap(unhandled_hook_, hook);  // the former one is destroyed outside of the lock
  }
  MutexLock lock(interest_mutex_);
  Interest interest;
  interest.catches_all = has_unhandled_hook();
  announce(std::move(interest));
}

bool Arbitrator::has_unhandled_hook() const {
  MutexLock lock(hook_mutex_);
  return static_cast<bool>(unhandled_hook_);
}

}  // namespace vagus
