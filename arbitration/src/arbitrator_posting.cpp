// What this side posts: nobody waits for it.

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include <vagus/wire/message.hpp>

#include "arbitrator_payload.hpp"

namespace vagus {

namespace {

// For so long it is waited for one of several listeners whose links are full, before the next one has its
// turn.
constexpr Duration turn_of_one = std::chrono::milliseconds(10);

}  // namespace

ErrorPtr Arbitrator::send_once(const detail::Outgoing& message, Session& session, WhenFull when_full,
                               Deadline begin_by) {
  ErrorPtr error;
  try {
    const Payload payload(*this, message, session, extension_of(message));
    const auto write = [&](wire::Writer& writer) {
      wire::begin_notification(writer, *message.name_space, payload.extended());
      payload.write(writer);
    };
    error = session.send(write, message.deadline, when_full, nullptr, begin_by);
  } catch (const std::exception& failure) {
    error = unpackable(message, failure);
  }
  if (!error) counters_.messages_posted.add();
  return error;
}

ErrorPtr Arbitrator::send_unsolicited(const detail::Outgoing& message, Session& session) {
  return not_posted(message, send_once(message, session, message.when_full));
}

/// What becomes of a message that was not sent because of this; null: it was sent, or may be lost.
ErrorPtr Arbitrator::not_posted(const detail::Outgoing& message, const ErrorPtr& error) {
  if (!error) return nullptr;
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

bool Arbitrator::may_queue(const detail::Outgoing& message) {
  // What is for one peer is not for whoever comes next.
  return message.when_down == WhenDown::queue && message.target.kind != detail::Target::Kind::peer;
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
  if (message.event && may_queue(message) && is_behind_event(message)) return queue_message(message);
  if (!listening.empty()) return post_to_listeners(message, listening);
  if (!message.event) return post_to_handler(message);
  if (may_queue(message) && !any_open(endpoint)) return queue_message(message);
  counters_.events_unheard.add();
  return nullptr;
}

// Those that have room get it first: one that does not read holds up who posts, and no other listener.
ErrorPtr Arbitrator::post_to_listeners(const detail::Outgoing& message, const Sessions& listening) {
  bool any_sent = false;
  bool any_lost = false;
  ErrorPtr first_error;
  Sessions full;
  const auto note = [&](const Session& session, const ErrorPtr& failure) {
    const auto error = not_posted(message, failure);
    if (!error) any_sent = true;
    if (error && tells_of_lost_link(*error, session)) any_lost = true;
    if (error && !first_error) first_error = error;
  };
  const auto is_full = [](const ErrorPtr& error) { return error && error->code() == ErrorCode::overloaded; };
  const bool several = listening.size() > 1 && message.when_full == WhenFull::wait;
  for (const auto& session : listening) {
    const auto error = send_once(message, *session, several ? WhenFull::refuse : message.when_full);
    if (several && is_full(error)) {
      full.push_back(session);
    } else {
      note(*session, error);
    }
  }
  while (!full.empty()) {
    const Sessions waited_for = std::exchange(full, {});
    for (const auto& session : waited_for) {
      const bool last_turn = message.deadline.passed();
      const Deadline turn = waited_for.size() == 1 ? message.deadline : Deadline::after(turn_of_one);
      const auto error = send_once(message, *session, WhenFull::wait, turn);
      if (is_full(error) && !last_turn) {
        full.push_back(session);
      } else {
        note(*session, error);
      }
    }
  }
  if (may_queue(message) && any_lost && !any_sent) return queue_message(message);
  if (!first_error || !any_sent) return first_error;
  return make_error(first_error->code(), std::string(first_error->what()) + "; other listeners have got it",
                    {*message.name_space, {}, Execution::unknown});
}

ErrorPtr Arbitrator::post_to_handler(const detail::Outgoing& message) {
  for (;;) {
    const auto chances = chances_.load();
    const Selection selection = select(message);
    if (selection.error) return selection.error;
    if (selection.session) {
      if (has_waited_for_parked(message, selection.session.get())) continue;
      const auto error = send_unsolicited(message, *selection.session);
      const bool lost = error && tells_of_lost_link(*error, *selection.session);
      return may_queue(message) && lost ? queue_message(message) : error;
    }
    if (may_queue(message)) return queue_message(message);
    if (!wait_for_another_chance(chances, message.deadline)) {
      return make_error<TransportDisconnectedError>(
          "no peer came in time to send " + *message.name_space + " to",
          {*message.name_space, {}, Execution::not_sent});
    }
  }
}

}  // namespace vagus
