#include "incoming.hpp"

#include <utility>

#include <vagus/core/fault_point.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus {

namespace {

ErrorContext not_run(const detail::IncomingCall& call) {
  return {call.name_space(), call.id(), Execution::not_run};
}

ErrorPtr stopping_error(const detail::IncomingCall& call) {
  return make_error<TransportFinishedError>("the ApiArb that handles " + call.name_space() + " is stopping",
                                            not_run(call));
}

/// Why a call is not to be run any more; null: its caller still waits, and its ApiArb is not stopping.
/// `at_once`: it has just arrived, and what time it had left then is not worth another look at the clock.
ErrorPtr given_up(const detail::IncomingCall& call, const Attachment& attachment, bool at_once) {
  // First: stop() also has all calls asked to stop, which then were not cancelled by their callers.
  if (attachment.stopping.load(std::memory_order_relaxed)) return stopping_error(call);
  const Deadline deadline = call.context().deadline;
  if (at_once ? deadline.passed(call.context().arrived) : deadline.passed()) {
    return make_error<TransactionTimeout>(
        "the deadline of " + call.name_space() + " passed before a worker was free", not_run(call));
  }
  if (call.stop_requested()) {
    return make_error<TransactionCancelled>(call.name_space() + " was cancelled before a worker was free",
                                            not_run(call));
  }
  return nullptr;
}

/// Why nothing of an attachment whose gate is closed runs any more.
ErrorPtr gone(const detail::IncomingCall& call, const Attachment& attachment) {
  if (attachment.stopping.load(std::memory_order_relaxed)) return stopping_error(call);
  return make_error<UnknownApiError>("the API of " + call.name_space() + " has been detached", not_run(call));
}

/// Is inside of a gate for a scope, if that is open.
class Inside {
 public:
  explicit Inside(detail::Gate& gate) noexcept : gate_(gate), entered_(gate.enter()) {}
  ~Inside() {
    if (entered_) gate_.leave();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  explicit operator bool() const noexcept { return entered_; }

 private:
  detail::Gate& gate_;
  const bool entered_;
};

}  // namespace

wire::ErrorMessage refusal_message(const ErrorPtr& refusal) {
  wire::ErrorMessage message;
  message.type = std::string("vagus::") + to_string(refusal->code());
  message.message = refusal->what();
  message.execution = to_string(refusal->execution());
  return message;
}

ErrorPtr take_part(Transaction& transaction, std::span<const std::byte> part) {
  try {
    if (transaction.progress(part)) {
      transaction.note_progress();
      return nullptr;
    }
    return make_error<ContractMismatchError>(
        transaction.name_space() + " sent more progress at once than its caller had said that it takes",
        transaction.context(Execution::unknown));
  } catch (const std::exception& failure) {
    return make_error<ContractMismatchError>(
        "the progress of " + transaction.name_space() + " is not what was expected: " + failure.what(),
        transaction.context(Execution::unknown));
  }
}

void AnswerTools::log_unheard(const detail::IncomingCall& call, const wire::ErrorMessage& error) const {
  const Inside inside(lent);
  if (!inside) return;
  log.warning("the handler of " + call.name_space() + ", which nobody waits for, threw " + error.type + ": " +
              error.message);
}

void AnswerTools::refused_unheard(const detail::IncomingCall& call, const ErrorPtr& error) const {
  const bool unhandled =
      error->code() == ErrorCode::unknown_api || error->code() == ErrorCode::unsupported_api;
  (unhandled ? counters.messages_unhandled : counters.messages_dropped).add();
  const Inside inside(lent);
  if (inside) log.info("an unsolicited " + call.name_space() + " was not handled: " + error->what());
}

RemoteCall::RemoteCall(std::shared_ptr<Session> session, const AnswerTools& tools,
                       std::shared_ptr<const std::string> name_space, TransactionId id, bool solicited,
                       const detail::CallContext& context)
    : IncomingCall(std::move(name_space), id, solicited, context),
      tools_(tools),
      session_(std::move(session)) {}

RemoteCall::~RemoteCall() { unfile(); }

bool RemoteCall::file(std::size_t limit) {
  filed_.store(session_->add_handled(shared_from_this(), limit), std::memory_order_relaxed);
  return filed_.load(std::memory_order_relaxed);
}

void RemoteCall::unfile() noexcept {
  if (!filed_.load(std::memory_order_relaxed)) return;
  if (filed_.exchange(false, std::memory_order_relaxed)) session_->remove_handled(id(), this);
}

void RemoteCall::send(Session::MessageWriter write) {
  unfile();
  VAGUS_FAULT_POINT("reply.before");
  session_->send_soon(write);
  VAGUS_FAULT_POINT("reply.sent");
}

void RemoteCall::send_result(const detail::ResultPacker& result) {
  if (!solicited()) return;
  try {
    send([&](wire::Writer& writer) {
      wire::begin_response(writer, id().wire());
      writer.nil();
      result(writer);
    });
  } catch (...) {
    // Too large, or it cannot be packed: the caller is told instead of left waiting.
    send_exception(std::current_exception());
  }
}

void RemoteCall::send_exception(const std::exception_ptr& thrown) {
  tools_.counters.handlers_failed.add();
  const Inside lent(tools_.lent);
  const auto error = lent ? tools_.exceptions.describe(thrown) : wire::ErrorMessage();
  if (observer() != nullptr) observer()->threw(error.type);
  if (!lent) return;  // all has ended, the link too
  if (!solicited()) {
    tools_.log_unheard(*this, error);
    return;
  }
  send_error(error);
}

void RemoteCall::send_refusal(const ErrorPtr& error) {
  if (!solicited()) {
    tools_.refused_unheard(*this, error);
    return;
  }
  const ErrorCode code = error->code();
  const bool given_up = code == ErrorCode::transaction_timeout || code == ErrorCode::transaction_cancelled;
  (given_up ? tools_.counters.requests_expired : tools_.counters.requests_refused).add();
  send_error(refusal_message(error));
}

ErrorPtr RemoteCall::send_progress(const detail::ResultPacker& part, bool wait) {
  const auto write = [&](wire::Writer& writer) {
    wire::begin_notification(writer, "$progress", false);
    writer.array(2);
    writer.unsigned_integer(id().wire());
    part(writer);
  };
  if (session_->not_at_home()) {
    return make_error<TransportFinishedError>("this process was forked from the one whose link it is");
  }
  return session_->send(write, context().deadline, wait ? WhenFull::wait : WhenFull::refuse, nullptr);
}

void RemoteCall::send_error(const wire::ErrorMessage& error) {
  const auto send_it = [this](const wire::ErrorMessage& message) {
    send([&](wire::Writer& writer) {
      wire::begin_response(writer, id().wire());
      if (const PlainPeer* const plain = session_->plain()) {
        wire::pack_plain_error(writer, message, plain->errors());
      } else {
        wire::pack(writer, message);
      }
      writer.nil();
    });
  };
  try {
    send_it(error);
  } catch (const std::exception& failure) {
    // Not even the error fits. If no short one does, the peer learns of it by the end of the link: it is not
    // left waiting, and this thread is needed by others.
    try {
      send_it({"vagus::RemoteError", failure.what(), {}, std::nullopt, std::nullopt});
    } catch (const std::exception& unsendable) {
      session_->cut_off("it cannot be answered", unsendable);
    }
  }
}

LocalCall::LocalCall(std::shared_ptr<Transaction> transaction, const AnswerTools& tools,
                     std::shared_ptr<const std::string> name_space, const detail::CallContext& context)
    : IncomingCall(std::move(name_space), {}, transaction != nullptr, context),
      tools_(tools),
      transaction_(std::move(transaction)) {}

void LocalCall::send_result(const detail::ResultPacker& result) {
  if (!solicited()) return;
  Bytes bytes;
  try {
    bytes = wire::written(result);
  } catch (...) {
    // It cannot be packed: the caller is told instead of left waiting.
    send_exception(std::current_exception());
    return;
  }
  transaction_->complete(bytes, [&] { tools_.counters.local_calls_completed.add(); });
}

void LocalCall::send_exception(const std::exception_ptr& thrown) {
  tools_.counters.handlers_failed.add();
  wire::ErrorMessage error;
  ErrorPtr failure;
  {
    const Inside lent(tools_.lent);
    if (lent) {
      error = tools_.exceptions.describe(thrown);
      if (solicited()) {
        failure = tools_.exceptions.rebuild(error, transaction_->context(Execution::ran));
      } else {
        tools_.log_unheard(*this, error);
      }
    }
  }
  if (observer() != nullptr) observer()->threw(error.type);
  // Outside: what follows it may stop all, which waits for whoever is inside.
  if (failure) transaction_->fail(failure);
}

void LocalCall::send_refusal(const ErrorPtr& error) {
  if (solicited()) {
    transaction_->fail(error);
  } else {
    tools_.refused_unheard(*this, error);
  }
}

ErrorPtr LocalCall::send_progress(const detail::ResultPacker& part, bool) {
  const Bytes bytes = wire::written(part);
  MutexLock lock(progress_mutex_);
  if (transaction_->done()) return nullptr;
  if (const auto mismatch = take_part(*transaction_, bytes)) transaction_->fail(mismatch);
  return nullptr;
}

void LocalCall::begin_progress(const std::shared_ptr<LocalCall>& self) {
  allow_progress(transaction_->progress_window());
  transaction_->progress_from(self);
}

CallWork::CallWork(std::shared_ptr<detail::IncomingCall> call, std::shared_ptr<Attachment> attachment,
                   std::shared_ptr<const detail::Handler> handler,
                   std::unique_ptr<detail::Invocation> invocation, Strand strand,
                   std::shared_ptr<detail::EventQueue> queue)
    : Work(call->context().priority, std::move(strand)),
      call_(std::move(call)),
      attachment_(std::move(attachment)),
      handler_(std::move(handler)),
      invocation_(std::move(invocation)),
      queue_(std::move(queue)) {}

void CallWork::lost() {
  if (!queue_) return;
  queue_->missed.fetch_add(1, std::memory_order_relaxed);
  call_->refuse(make_error<OverloadedError>(
      "its subscriber is behind: the queue for " + call_->name_space() + " is full", not_run(*call_)));
}

void CallWork::refuse(const ErrorPtr& error) {
  call_->refuse(error);
  end_run();
}

void CallWork::run() {
  if (const auto error = given_up(*call_, *attachment_, at_once())) {
    refuse(error);
    return;
  }
  if (!attachment_->gate->enter()) {
    refuse(gone(*call_, *attachment_));
    return;
  }
  if (!handler_->gate().enter()) {
    attachment_->gate->leave();
    refuse(make_error<UnsupportedApiError>("the handler of " + call_->name_space() + " has been removed",
                                           not_run(*call_)));
    return;
  }
  call_->context().gates = {attachment_->gate.get(), &handler_->gate()};
  if (queue_ && queue_->missed.load(std::memory_order_relaxed) != 0) {
    call_->set_missed(queue_->missed.exchange(0, std::memory_order_relaxed));
  }
  const detail::ContextScope scope(&call_->context(), true);
  if (call_->observer() != nullptr) call_->observer()->started();
  // A coroutine goes on when this has returned, and keeps this run until it is over.
  invocation_->run(*call_, std::static_pointer_cast<CallWork>(shared_from_this()));
}

void CallWork::returned() noexcept { Session::handler_returned(*this); }

void CallWork::over() noexcept {
  handler_->gate().leave();
  attachment_->gate->leave();
  end_run();
}

void CallWork::run_early() {
  if (call_->local()) call_->keep_progress();  // whoever takes it may stand below, on this very stack
  run();
}

HookWork::HookWork(std::shared_ptr<detail::IncomingCall> call, std::vector<UnhandledHook> hooks,
                   Value arguments, Value named, std::shared_ptr<Attachment> attachment, ErrorPtr otherwise)
    : Work(call->context().priority),
      call_(std::move(call)),
      hooks_(std::move(hooks)),
      unhandled_{call_->name_space(), std::move(arguments), std::move(named)},
      attachment_(std::move(attachment)),
      otherwise_(std::move(otherwise)) {}

void HookWork::run() {
  const auto answer = [&] {
    for (const UnhandledHook& hook : hooks_) {
      const auto result = hook(call_->call(), unhandled_);
      if (call_->deferred()) return;  // the hook answers later
      if (result) {
        call_->complete([&](wire::Writer& writer) { wire::pack(writer, *result); });
        return;
      }
    }
    call_->refuse(otherwise_);
  };
  if (const auto error = given_up(*call_, *attachment_, at_once())) {
    call_->refuse(error);
  } else if (!attachment_->gate->enter()) {
    call_->refuse(attachment_->stopping.load(std::memory_order_relaxed) ? stopping_error(*call_)
                                                                        : otherwise_);
  } else {
    call_->context().gates = {attachment_->gate.get(), nullptr};
    {
      const detail::ContextScope scope(&call_->context(), true);
      if (call_->observer() != nullptr) call_->observer()->started();
      try {
        answer();
      } catch (...) {
        call_->fail(std::current_exception());
      }
    }
    attachment_->gate->leave();
  }
  end_run();
}

}  // namespace vagus
