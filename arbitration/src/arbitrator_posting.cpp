// What this side posts: nobody waits for it.

#include <exception>
#include <string>

#include <vagus/wire/message.hpp>

#include "arbitrator_payload.hpp"

namespace vagus {

ErrorPtr Arbitrator::send_unsolicited(const detail::Outgoing& message, Session& session) {
  ErrorPtr error;
  try {
    const Payload payload(*this, message, session, extension_of(message));
    const auto write = [&](wire::Writer& writer) {
      wire::begin_notification(writer, *message.name_space, payload.extended());
      payload.write(writer);
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

ErrorPtr Arbitrator::post_to_listeners(const detail::Outgoing& message, const Sessions& listening) {
  bool any_sent = false;
  bool any_lost = false;
  ErrorPtr first_error;
  for (const auto& session : listening) {
    const auto error = send_unsolicited(message, *session);
    if (!error) any_sent = true;
    if (error && tells_of_lost_link(*error, *session)) any_lost = true;
    if (error && !first_error) first_error = error;
  }
  return may_queue(message) && any_lost && !any_sent ? queue_message(message) : first_error;
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
