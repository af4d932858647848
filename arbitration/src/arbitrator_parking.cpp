// What cannot be sent yet: no link was ever open, or not the one to the peer of several that handles it. It
// waits in line, and what is called meanwhile lines up behind it, unless it can be sent and nothing in the
// line is for the same peer: so nothing overtakes on its way to one peer, and nothing is held up by what
// waits for another.
//
// There is a line for each endpoint that APIs are bound to, and one for what is bound to none. What no open
// peer knows, while an endpoint has never been open, stands in the line of its API and endpoint. So does what
// was told to wait while its link is down, see arbitrator_queueing.cpp.

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "arbitrator.hpp"

namespace vagus {

namespace {

// What the name of a line of calls begins with that nobody knows; no endpoint's name does.
constexpr char unknown_mark = '\0';

// Of a line that is bounded only by what all of them may hold.
constexpr std::size_t no_capacity = std::numeric_limits<std::size_t>::max();

bool is_line_of_unknown(const std::string& line) { return line.starts_with(unknown_mark); }

}  // namespace

std::string Arbitrator::endpoint_of(const detail::Outgoing& message) {
  return message.root != nullptr && message.root->bound() ? message.root->bound_peer() : std::string();
}

std::string Arbitrator::line_of_unknown(const detail::Outgoing& message) {
  const std::string end = unknown_mark + endpoint_of(message);  // each has a line of its own
  if (message.root != nullptr) return unknown_mark + message.root->name_space() + end;
  return unknown_mark + message.name_space->substr(0, message.name_space->rfind('.')) + end;
}

std::optional<std::string> Arbitrator::line_to_join(const detail::Outgoing& call) const {
  if (!parked_.any()) return std::nullopt;
  std::string endpoint = endpoint_of(call);
  if (parked_.any(endpoint)) return endpoint;
  std::string unknown = line_of_unknown(call);
  return parked_.any(unknown) ? std::optional(std::move(unknown)) : std::nullopt;
}

void Arbitrator::park(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction,
                      const std::string& line) {
  if (const auto error = line_up(call, transaction, line)) {
    deadlines_.remove(*transaction);
    transaction->fail(with_context(error, transaction->context(transaction->execution())));
  }
}

ErrorPtr Arbitrator::line_up(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction,
                             const std::string& line) {
  try {
    auto parked = std::make_unique<ParkedCall>(call, transaction);
    const bool queued = call.when_down == WhenDown::queue;
    if (phase_.load() >= Phase::stopping) return stopped_error(*call.name_space);
    if (queued ? !add_to_queue(line, parked) : !parked_.add(line, parked, no_capacity)) {
      if (phase_.load() >= Phase::stopping) return stopped_error(*call.name_space);
      return queued ? queue_is_full()
                    : make_error<OverloadedError>("too many calls wait for a link to open (max_pending)");
    }
  } catch (const std::exception& failure) {
    return unpackable(call, failure);
  }
  // It may have opened, or all may have ended, between the look and the parking.
  if (is_line_of_unknown(line) || ever_open(line) || any_open(line)) send_parked(line);
  if (phase_.load() >= Phase::stopping) end_parked();
  return nullptr;
}

void Arbitrator::end_parked() {
  for (const auto& parked : parked_.take_all()) drop_parked(*parked, stopped_error(*parked->name_space));
}

void Arbitrator::drop_parked(const ParkedCall& parked, const ErrorPtr& error) {
  const auto& transaction = parked.transaction();
  if (!transaction) {
    counters_.posts_dropped.add();
    return;
  }
  deadlines_.remove(*transaction);
  transaction->fail(with_context(error, transaction->context(transaction->execution())));
}

void Arbitrator::send_all_parked(const std::string& endpoint) {
  // First those of which some may move to others.
  send_parked({});
  if (!endpoint.empty()) send_parked(endpoint);
  for (const std::string& line : parked_.lines()) send_parked(line);
}

void Arbitrator::send_parked(const std::string& line) {
  // Whoever finds another thread at it has added before that one looks for the last time.
  if (!parked_.begin_sending(line)) return;
  std::set<std::string> moved_to;
  while (auto call = parked_.next(line)) {
    if (call->ended()) {
      if (!call->transaction()) counters_.posts_dropped.add();
      continue;
    }
    const auto chances = chances_.load();
    if (call->event && send_parked_event(*call)) continue;
    const Selection selection = call->event ? Selection{} : select(*call);
    if (selection.session && send_parked_to(*selection.session, *call)) continue;
    if (selection.error || phase_.load() >= Phase::stopping) {
      drop_parked(*call, selection.error ? selection.error : stopped_error(*call->name_space));
    } else if (selection.session || is_line_of_unknown(line) || !selection.unknown) {
      // Its peer is still to come; or has just gone, before it was ever seen or while this was being sent.
      const bool again = parked_.put_back(line, call, chances);
      if (call) drop_for_another(*call);
      if (!again) break;
    } else {
      const auto place = moved_to.insert(line_of_unknown(*call)).first;
      move_parked(*place, std::move(call));
    }
  }
  for (const std::string& other : moved_to) send_parked(other);
  {
    MutexLock lock(sessions_mutex_);
    opened_changed_.notify_all();
  }
  // All may have ended between the look and the putting back.
  if (phase_.load() >= Phase::stopping) end_parked();
}

bool Arbitrator::any_open(std::string_view endpoint) const {
  MutexLock lock(sessions_mutex_);
  return std::any_of(open_.begin(), open_.end(), [&](const auto& session) {
    return session->takes_anything() && (endpoint.empty() || session->peer().endpoint == endpoint);
  });
}

bool Arbitrator::wait_for_another_chance(std::uint64_t chances_before, Deadline deadline) {
  MutexLock lock(sessions_mutex_);
  for (;;) {
    if (chances_.load() != chances_before) return true;
    if (phase_.load() >= Phase::stopping) return true;  // select() tells of it
    if (!wait_until(opened_changed_, lock, deadline) && deadline.passed()) return false;
  }
}

bool Arbitrator::is_preceded(const detail::Outgoing& message, IsAhead is_ahead) const {
  if (!parked_.any()) return false;
  const auto chances = chances_.load();
  return parked_.goes_first(endpoint_of(message), chances, is_ahead) ||
         parked_.goes_first(line_of_unknown(message), chances, is_ahead);
}

bool Arbitrator::is_preceded(const detail::Outgoing& message, Session* to) const {
  return is_preceded(message, [&](const ParkedCall& parked) {
    return to != nullptr && to->interest().handles(*parked.name_space);
  });
}

bool Arbitrator::is_behind_event(const detail::Outgoing& message) const {
  return is_preceded(message, [](const ParkedCall& parked) { return parked.event; });
}

bool Arbitrator::has_waited_for_parked(const detail::Outgoing& message, Session* to) {
  if (!parked_.any()) return false;
  MutexLock lock(sessions_mutex_);
  if (phase_.load() >= Phase::stopping || !is_preceded(message, to)) return false;
  return wait_until(opened_changed_, lock, message.deadline);
}

}  // namespace vagus
