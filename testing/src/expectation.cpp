#include <utility>

#include <vagus/testing/expectation.hpp>

#include "scripted_state.hpp"

namespace vagus::testing {

std::size_t Expectation::count() const { return state().script().count(index()); }

// Held calls
// ----------------------------------------------------------------------------------------------------------

Received Held::wait() const { return state().script().held(index(), false)->received(); }

void Held::wait_given_up() const {
  state().script().held(index(), false)->wait_given_up(state().script().timeout());
}

void Held::send_progress(const Value& value) const {
  state().script().held(index(), false)->progress(value, state().script().timeout());
}
void Held::complete(const Value& value) const { state().script().held(index(), true)->complete(value); }
void Held::fail(const std::exception_ptr& thrown) const {
  state().script().held(index(), true)->fail(thrown);
}

// Expected calls and events
// ----------------------------------------------------------------------------------------------------------

ExpectedCall& ExpectedCall::between(std::size_t least, std::size_t most) {
  expected_.least = least;
  expected_.most = most;
  return *this;
}

ExpectedCall& ExpectedCall::when(std::function<bool(const Received&)> predicate) {
  expected_.message.when = std::move(predicate);
  return *this;
}

Expectation ExpectedCall::reply_with(Value value) {
  return add([value = std::move(value)](Reply<Value>& reply, const Received&) { reply.complete(value); });
}

Expectation ExpectedCall::reply_later(Duration delay, Value value) {
  // The state owns what is made here.
  const std::weak_ptr<detail::ScriptedState> state = state_;
  return add([state, delay, value = std::move(value)](Reply<Value>& reply, const Received&) {
    const auto later = std::make_shared<Reply<Value>>(std::move(reply));
    if (const auto owner = state.lock()) {
      owner->delayed().add(delay, [later, value] { later->complete(value); });
    }
  });
}

Expectation ExpectedCall::fail(const std::exception_ptr& thrown) {
  return add([thrown](Reply<Value>& reply, const Received&) { reply.fail(thrown); });
}

Held ExpectedCall::hold() { return {state_, state_->add(expected_)}; }
Expectation ExpectedCall::never() { return between(0, 0).reply(); }

Expectation ExpectedCall::add(detail::ScriptedAnswer answer) {
  detail::Expected expected = expected_;
  expected.answer = std::move(answer);
  return {state_, state_->add(std::move(expected))};
}

ExpectedEvent& ExpectedEvent::between(std::size_t least, std::size_t most) {
  state().script().limit(index(), least, most);
  return *this;
}

}  // namespace vagus::testing
