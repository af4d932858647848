#include "passing_on.hpp"

#include <exception>
#include <memory>

namespace vagus::tools {

namespace {

/// As the body calls itself: heads are not to notice.
ArbOptions options_as(const Peer& body) {
  ArbOptions options;
  options.name = body.name;
  return options;
}

void answer(Reply<Value>& reply, const Result<Value>& outcome) {
  if (outcome) {
    reply.complete(*outcome);
    return;
  }
  try {
    outcome.error().raise();
  } catch (...) {
    reply.fail(std::current_exception());
  }
}

}  // namespace

PassingOn::PassingOn(Connection& body, const std::string& listen_url, const Description& described,
                     Recorder& recorder)
    : body_(body),
      described_(described),
      recorder_(recorder),
      to_body_(body.arb().proxy()),
      heads_(vagus::listen(listen_url), options_as(body.peer())),
      apis_(heads_, described) {
  heads_.on_unhandled(
      [this](Call& call, const UnhandledCall& unhandled) { return pass_on(call, unhandled); });
  from_heads_ = heads_.subscribe("**", [this](const HeardEvent& message) { pass_on(message); });
  heads_.start();
  from_body_ = body_.arb().subscribe("**", [this](Call& call, const HeardEvent& event) {
    recorder_.event(event, call.missed());
    apis_.send(event);
  });
}

PassingOn::~PassingOn() {
  from_body_.reset();
  from_heads_.reset();
  heads_.stop();
  body_.arb().stop();  // ends what is still called
}

std::optional<Value> PassingOn::pass_on(Call& call, const UnhandledCall& unhandled) {
  if (!call.id()) return std::nullopt;  // nobody waits; what was posted comes the other way
  const HeardEvent called{std::string(unhandled.name_space), unhandled.arguments.array(),
                          unhandled.named.map()};
  auto reply = std::make_shared<Reply<Value>>(call.defer<Value>());
  CallOptions options;
  options.timeout = call.deadline().remaining();
  to_body_.apply(called.name_space, called.arguments, called.named)
      .async<Value>(
          [this, called, reply, began = Deadline::now()](const Result<Value>& outcome) {
            const bool ended = !outcome && outcome.error().code() == ErrorCode::transport_finished;
            if (!ended) recorder_.call(called, began, outcome);
            answer(*reply, outcome);
          },
          options);
  return std::nullopt;
}

void PassingOn::pass_on(const HeardEvent& message) {
  const MemberDescription* const member = described_.member(message.name_space);
  if (member != nullptr && !member->event) {
    to_body_.apply(message.name_space, message.arguments, message.named).post();
  } else {
    to_body_.apply_event(message.name_space, message.arguments, message.named).post();
  }
}

}  // namespace vagus::tools
