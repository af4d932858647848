#include <atomic>
#include <string>

#include <vagus/core/transaction_id.hpp>
#include <vagus/testing/scripted_peer.hpp>

#include "scripted_state.hpp"
#include "waiting.hpp"

namespace vagus::testing {

namespace {

Endpoint endpoint_of_its_own() {
  static std::atomic<unsigned> number{0};
  return listen("inproc://vagus-testing-scripted-peer-" + std::to_string(++number));
}

}  // namespace

ScriptedPeer::ScriptedPeer(const ScriptedPeerOptions& options)
    : ScriptedPeer(endpoint_of_its_own(), options) {}

ScriptedPeer::ScriptedPeer(const Endpoint& endpoint, const ScriptedPeerOptions& options)
    : url_(endpoint.url().to_string()), state_(std::make_shared<detail::ScriptedState>(endpoint, options)) {
  state_->connect();
}

ScriptedPeer::~ScriptedPeer() {
  state_->disconnect();
  state_->delayed().stop();
}

Endpoint ScriptedPeer::endpoint() const {
  const Endpoint& own = state_->endpoint();
  return {opposite(own.side()), own.url(), own.transport()};
}

ExpectedEvent ScriptedPeer::expect_event(detail::ExpectedMessage message) {
  detail::Expected expected;
  expected.message = std::move(message);
  expected.event = true;
  return {state_, state_->add(std::move(expected))};
}

void ScriptedPeer::wait_for(const Expectation& expectation) const {
  expectation.state().script().wait_for(expectation.index());
}
void ScriptedPeer::wait() const { state_->script().wait(); }
void ScriptedPeer::verify() const { state_->script().verify(); }

ApiProxy ScriptedPeer::proxy() const { return state_->life()->arb().proxy(); }

void ScriptedPeer::send_event(const Received& event) {
  if (detail::wait_until_so(state_->script().timeout(), [&] { return state_->life()->send_event(event); }))
    return;
  throw Failed(state_->life()->arb().connected()
                   ? "nobody listens to " + event.name_space
                   : "nobody is connected that could hear of " + to_string(event));
}

void ScriptedPeer::wait_connected() const {
  if (detail::wait_until_so(state_->script().timeout(), [&] { return state_->life()->arb().connected(); }))
    return;
  throw Failed("nobody is connected at " + url_);
}

void ScriptedPeer::disconnect() { state_->disconnect(); }
void ScriptedPeer::reconnect() { state_->connect(); }

}  // namespace vagus::testing
