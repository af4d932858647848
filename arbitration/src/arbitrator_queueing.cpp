// What waits while a link is down that was open before, because it was told to (`when_down = queue`), and
// what is sent again because it may be (`idempotent`).
//
// It waits in the line of its API (see arbitrator_parking.cpp), which `down_queue` bounds. Whoever waits for
// a place there does so on opened_changed_: it is told when a line was sent, and when a call that stands in a
// line has ended. When a message expires it looks by itself.

#include <algorithm>
#include <utility>

#include "arbitrator.hpp"

namespace vagus {

DownQueue Arbitrator::down_queue_of(const ParkedCall& parked) {
  return parked.root != nullptr ? parked.root->options().down_queue : DownQueue{};
}

bool Arbitrator::add_to_queue(const std::string& line, std::unique_ptr<ParkedCall>& parked) {
  const DownQueue queue = down_queue_of(*parked);
  const Deadline deadline = parked->deadline;
  for (;;) {
    if (parked_.add(line, parked, queue.capacity)) return true;
    switch (queue.when_full) {
      case WhenQueueFull::refuse:
        return false;
      case WhenQueueFull::drop_oldest:
        if (!drop_oldest(line)) return false;
        break;
      case WhenQueueFull::block:
        if (!wait_for_place(line, queue.capacity, deadline)) return false;
        break;
    }
  }
}

// What stood in a line that is not bounded so comes to one that is, behind those which are there. Nobody is
// made to wait for a place: who has called was told already that there is one.
void Arbitrator::move_parked(const std::string& line, std::unique_ptr<ParkedCall> parked) {
  const DownQueue queue = down_queue_of(*parked);
  if (parked->when_down == WhenDown::queue && parked_.holds(line, queue.capacity)) {
    if (queue.when_full == WhenQueueFull::refuse) return drop_parked(*parked, queue_is_full());
    if (queue.when_full == WhenQueueFull::drop_oldest) drop_oldest(line);
  }
  parked_.move(line, std::move(parked));
}

bool Arbitrator::drop_oldest(const std::string& line) {
  std::unique_ptr<ParkedCall> oldest;
  if (!parked_.make_place(line, oldest)) return false;
  if (oldest) drop_for_another(*oldest);
  return true;
}

void Arbitrator::drop_for_another(const ParkedCall& parked) {
  if (parked.transaction()) counters_.calls_dropped.add();
  drop_parked(parked, make_error<OverloadedError>(
                          *parked.name_space +
                          " made way for what was sent after it: too much waits for the link to come back "
                          "(down_queue)"));
}

ErrorPtr Arbitrator::queue_is_full() {
  return make_error<OverloadedError>(
      "too many calls and messages wait for the link to come back (down_queue)");
}

bool Arbitrator::wait_for_place(const std::string& line, std::size_t capacity, Deadline deadline) {
  MutexLock lock(sessions_mutex_);
  while (parked_.full(line, capacity)) {
    if (phase_.load() >= Phase::stopping) return false;
    const Deadline look_again = std::min(deadline, parked_.next_expiry());
    if (!wait_until(opened_changed_, lock, look_again) && deadline.passed()) return false;
  }
  return true;
}

void Arbitrator::place_may_be_free(const Transaction& ended) {
  if ((ended.link() != 0 && ended.link() != Transaction::lost_link) || !parked_.any()) return;
  MutexLock lock(sessions_mutex_);
  opened_changed_.notify_all();
}

ErrorPtr Arbitrator::queue_message(const detail::Outgoing& message) {
  const auto error = line_up(message, nullptr, line_to_join(message).value_or(line_of_unknown(message)));
  return error ? with_context(error, {*message.name_space, {}, Execution::not_sent}) : nullptr;
}

bool Arbitrator::tells_of_lost_link(const Error& error, const Session& session) {
  // Until the end has come to the session, nothing but this says so.
  return session.ended() || error.code() == ErrorCode::transport_disconnected;
}

void Arbitrator::park_lost(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction) {
  park(call, transaction, line_to_join(call).value_or(line_of_unknown(call)));
}

bool Arbitrator::send_parked_to(Session& session, const ParkedCall& call) {
  const auto& transaction = call.transaction();
  if (call.target.kind == detail::Target::Kind::all) {
    deadlines_.remove(*transaction);
    transaction->complete({});
  } else if (transaction) {
    return send_call(call, transaction, session, nullptr, Deadline::now(), call.chain());
  } else if (const auto error = send_unsolicited(call, session)) {
    if (call.when_down == WhenDown::queue && tells_of_lost_link(*error, session)) return false;
    counters_.posts_dropped.add();
    log_.warning("a message that had waited for its link was not sent: " + std::string(error->what()));
  }
  return true;
}

bool Arbitrator::send_parked_event(const ParkedCall& event) {
  const std::string endpoint = endpoint_of(event);
  if (!any_open(endpoint)) return false;
  const Sessions sessions = listening_sessions(endpoint, event);
  if (sessions.empty()) counters_.events_unheard.add();
  bool sent = sessions.empty();
  for (const auto& session : sessions) sent = send_parked_to(*session, event) || sent;
  return sent;
}

// Idempotent calls
// ----------------------------------------------------------------------------------------------------------

void Arbitrator::keep_for_resending(const detail::Outgoing& call,
                                    const std::shared_ptr<Transaction>& transaction) {
  // Parts of an answer that have come already cannot be taken back.
  if (!call.idempotent || call.when_down != WhenDown::queue || transaction->progress_window() != 0) return;
  {
    MutexLock lock(resend_mutex_);
    resend_.emplace(transaction.get(), std::make_unique<ParkedCall>(call, transaction));
  }
  transaction->then(nullptr, [weak = weak_from_this(), key = transaction.get()] {
    const auto self = weak.lock();
    if (!self) return;
    std::unique_ptr<ParkedCall> kept;  // destroyed outside of the lock
    MutexLock lock(self->resend_mutex_);
    if (const auto found = self->resend_.find(key); found != self->resend_.end()) {
      kept = std::move(found->second);
      self->resend_.erase(found);
    }
    lock.unlock();
  });
}

bool Arbitrator::resend(const std::shared_ptr<Transaction>& transaction) {
  if (phase_.load() >= Phase::stopping || transaction->deadline().passed()) return false;
  std::unique_ptr<ParkedCall> again;
  {
    MutexLock lock(resend_mutex_);
    const auto found = resend_.find(transaction.get());
    if (found == resend_.end()) return false;
    again = std::make_unique<ParkedCall>(*found->second);
  }
  counters_.calls_resent.add();
  transaction->filed(TransactionId{}, Transaction::lost_link);
  const std::string line = line_of_unknown(*again);
  parked_.move(line, std::move(again));
  if (phase_.load() >= Phase::stopping) end_parked();
  return true;
}

}  // namespace vagus
