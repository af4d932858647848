// The calls of this side that pass their deadline or are cancelled.

#include <chrono>
#include <exception>
#include <string>

#include <vagus/wire/message.hpp>

#include "arbitrator.hpp"

namespace vagus {

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
