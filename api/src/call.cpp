#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include <vagus/api/call.hpp>

namespace vagus {

namespace detail {

namespace {

// So many parts are kept for a caller that can take none: one that wants more of them has to have an end.
constexpr std::uint32_t parts_kept = 65536;

}  // namespace

IncomingCall::IncomingCall(std::shared_ptr<const std::string> name_space, TransactionId id, bool solicited,
                           const CallContext& context)
    : name_space_(std::move(name_space)), id_(id), solicited_(solicited), context_(context) {
  context_.owner = this;
}

IncomingCall::~IncomingCall() = default;

void IncomingCall::request_stop() noexcept {
  if (!run_state().request_stop()) return;
  if (progress_) progress_->close();
  std::optional<std::stop_source> source;
  {
    MutexLock lock(stop_mutex_);
    source = stop_source_;
  }
  if (source) source->request_stop();  // runs the user's callbacks: under no lock
  run_state().end_waits();
}

std::stop_token IncomingCall::stop_token() {
  MutexLock lock(stop_mutex_);
  if (!stop_source_) {
    stop_source_.emplace();
    if (stop_requested()) stop_source_->request_stop();  // nobody has a callback there yet
  }
  return stop_source_->get_token();
}

void IncomingCall::allow_progress(std::uint32_t window) {
  if (window != 0) progress_ = std::make_unique<ProgressWindow>(window);
}

void IncomingCall::keep_progress() noexcept {
  if (!progress_) return;
  progress_->keep(parts_kept);
  keeps_progress_ = true;
}

void IncomingCall::acknowledged(std::uint64_t parts) noexcept {
  if (progress_) progress_->acknowledge(parts);
}

bool IncomingCall::progress(const ResultPacker& part, bool wait) {
  if (answered()) throw std::logic_error("progress of " + name_space() + " after its answer");
  if (!progress_) return true;  // the caller wants none
  const bool may_wait = wait && may_wait_;
  const auto outcome = may_wait ? progress_->take(context_.deadline) : progress_->try_take();
  if (outcome == ProgressWindow::Outcome::full && !wait) return false;
  if (outcome != ProgressWindow::Outcome::taken) refuse_progress(outcome);
  ErrorPtr error;
  try {
    error = send_progress(part, may_wait);
  } catch (...) {
    progress_->give_back();
    throw;
  }
  if (!error) return true;
  progress_->give_back();
  if (error->code() == ErrorCode::message_too_large) {
    with_context(error, {name_space(), id(), Execution::ran})->raise();
  }
  if (error->code() != ErrorCode::overloaded) refuse_progress(ProgressWindow::Outcome::closed);  // no link
  if (wait) refuse_progress(ProgressWindow::Outcome::full);
  return false;
}

void IncomingCall::refuse_progress(ProgressWindow::Outcome outcome) const {
  if (outcome == ProgressWindow::Outcome::full && !may_wait_) {
    throw OverloadedError("the caller of " + name_space() +
                              " is behind with its progress, and a handler of an API without workers cannot "
                              "wait for it: give the API workers, or use try_progress()",
                          {name_space(), id(), Execution::ran});
  }
  if (outcome == ProgressWindow::Outcome::full && keeps_progress_) {
    throw OverloadedError("the caller of " + name_space() +
                              " waits on the thread that runs the handler, and is behind by more progress "
                              "than is kept for it: take the progress on another thread",
                          {name_space(), id(), Execution::ran});
  }
  throw TransactionCancelled("nobody waits for " + name_space() + " any more",
                             {name_space(), id(), Execution::ran});
}

void IncomingCall::complete(const ResultPacker& result) {
  if (!claim_answer()) return;
  send_result(result);
  if (observer_) observer_->answered(stop_requested());
}

void IncomingCall::fail(const std::exception_ptr& thrown) {
  if (!claim_answer()) return;
  send_exception(thrown);
  if (observer_) observer_->answered(stop_requested());
}

void IncomingCall::refuse(const ErrorPtr& error) {
  if (!claim_answer()) return;
  send_refusal(error);
  if (observer_) observer_->refused(*error, stop_requested());
}

void reply_was_dropped(IncomingCall& incoming) noexcept {
  try {
    incoming.fail(std::make_exception_ptr(std::runtime_error("the handler of " + incoming.name_space() +
                                                             " dropped its reply without completing it")));
  } catch (const std::exception&) {
    // No memory to say so: the caller's deadline ends its call.
  }
}

void claim_deferral(IncomingCall& incoming) {
  if (incoming.deferred())
    throw std::logic_error("the reply of " + incoming.name_space() + " was deferred before");
  incoming.defer();
}

}  // namespace detail

Peer Call::peer() const { return incoming_.peer(); }

std::shared_ptr<wire::Block> Call::borrow(std::size_t size) const { return incoming_.borrow(size); }

bool Call::wants_progress() const noexcept { return incoming_.wants_progress(); }

std::uint64_t Call::missed() const noexcept { return incoming_.missed(); }

TransactionId Call::id() const noexcept { return incoming_.id(); }

const std::string& Call::name_space() const noexcept { return incoming_.name_space(); }

Deadline Call::deadline() const noexcept { return incoming_.context().deadline; }

std::stop_token Call::stop_token() const { return incoming_.stop_token(); }

bool Call::stop_requested() const noexcept { return incoming_.stop_requested() || deadline().passed(); }

void Call::sleep_for(Duration duration) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  const Deadline wanted = Deadline::after(duration);
  const Deadline until = std::min(wanted, deadline());
  const auto token = stop_token();
  if (until.is_never()) {
    changed.wait(lock, token, [] { return false; });
  } else {
    while (!token.stop_requested() && !until.passed()) {
      changed.wait_until(lock, token, until.sleep_until(), [] { return false; });
    }
  }
  if (token.stop_requested() || !wanted.passed()) {
    throw TransactionCancelled("nobody waits for " + name_space() + " any more",
                               {name_space(), id(), Execution::ran});
  }
}

}  // namespace vagus
