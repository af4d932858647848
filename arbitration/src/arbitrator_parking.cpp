// The calls that are made before any link is open: they wait in line, and what is called meanwhile lines up
// behind them, so that nothing overtakes.

#include <algorithm>
#include <utility>

#include "arbitrator.hpp"

namespace vagus {

std::string Arbitrator::endpoint_of(const detail::Outgoing& message) {
  return message.root != nullptr && message.root->bound() ? message.root->bound_peer() : std::string();
}

bool Arbitrator::must_park(const detail::Outgoing& call) const {
  return parked_.any() && parked_.any(endpoint_of(call));
}

void Arbitrator::park(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction) {
  const std::string endpoint = endpoint_of(call);
  if (!parked_.add(endpoint, std::make_unique<ParkedCall>(call, transaction))) {
    deadlines_.remove(*transaction);
    transaction->fail(make_error<OverloadedError>("too many calls wait for a link to open (max_pending)",
                                                  transaction->context(Execution::not_sent)));
    return;
  }
  // It may have opened, or all may have ended, between the look and the parking.
  if (ever_open(endpoint)) send_parked(endpoint);
  if (phase_.load() >= Phase::stopping) end_all(stopped_error({}));
}

void Arbitrator::send_parked(const std::string& endpoint) {
  // Whoever finds another thread at it has added before that one looks for the last time.
  if (!parked_.begin_sending(endpoint)) return;
  while (const auto call = parked_.next(endpoint)) {
    const auto& transaction = call->transaction();
    if (transaction->done()) continue;
    const Selection selection = select(*call);
    if (selection.session) {
      send_call(*call, transaction, *selection.session, nullptr, Deadline::now(), call->chain());
      continue;
    }
    deadlines_.remove(*transaction);
    transaction->fail(selection.error ? selection.error : stopped_error(transaction->name_space()));
  }
  MutexLock lock(sessions_mutex_);
  opened_changed_.notify_all();
}

bool Arbitrator::any_open(std::string_view endpoint) const {
  return std::any_of(open_.begin(), open_.end(), [&](const auto& session) {
    return endpoint.empty() || session->peer().endpoint == endpoint;
  });
}

bool Arbitrator::wait_for_link(std::string_view endpoint, Deadline deadline) {
  MutexLock lock(sessions_mutex_);
  for (;;) {
    if (any_open(endpoint) || phase_.load() >= Phase::stopping) return true;  // of a stop select() tells
    if (!wait_until(opened_changed_, lock, deadline) && deadline.passed()) return false;
  }
}

void Arbitrator::let_parked_go_first(const std::string& endpoint, Deadline deadline) {
  if (!parked_.any()) return;
  MutexLock lock(sessions_mutex_);
  while (any_open(endpoint) && parked_.any(endpoint) && phase_.load() < Phase::stopping) {
    if (!wait_until(opened_changed_, lock, deadline) && deadline.passed()) return;
  }
}

}  // namespace vagus
