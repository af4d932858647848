#include "scripted_state.hpp"

#include <optional>
#include <utility>

#include <vagus/api/heard_event.hpp>
#include <vagus/testing/failed.hpp>
#include <vagus/testing/through.hpp>

namespace vagus::detail {

using testing::Failed;
using testing::Received;

namespace {

Received received_of(const HeardEvent& message) {
  return {message.name_space, message.arguments, message.named};
}

ArbOptions arb_options(const std::string& name, const OptionalRef<Log>& log) {
  ArbOptions options;
  options.name = name;
  options.log = log;
  return options;
}

}  // namespace

ScriptedLife::ScriptedLife(unsigned number, const Endpoint& endpoint, const ArbOptions& options,
                           const std::shared_ptr<Script>& script)
    : number_(number),
      script_(script),
      transport_(std::make_shared<testing::ClosableTransport>(testing::transport_of(endpoint))),
      arb_(testing::through(transport_, endpoint), options) {
  arb_.attach(api_);
  arb_.on_unhandled([script, number](Call&, const UnhandledCall& call) -> std::optional<Value> {
    script->refuse({std::string(call.name_space), call.arguments.array(), call.named.map()}, number);
  });
  events_ = arb_.subscribe(
      "**", [script, number](const HeardEvent& event) { script->event(received_of(event), number); });
  // All of them before the first peer is told what there is.
  for (const std::string& name : script->names_of_calls()) handle(name);
  arb_.start();
}

void ScriptedLife::handle(const std::string& name) {
  MutexLock lock(names_mutex_);
  if (!names_.insert(name).second) return;
  root_of(api_)->set_handler(
      name, make_event_listener([script = script_, number = number_](Call& call, const HeardEvent& message) {
        script->call(call, received_of(message), number);
      }));
}

bool ScriptedLife::send_event(const Received& event) {
  const auto action = arb_.proxy().apply_event(event.name_space, event.arguments, event.named);
  MutexLock lock(sending_);
  const auto unheard = arb_.stats().events_unheard;
  action.post();
  return arb_.stats().events_unheard == unheard;
}

void ScriptedLife::cut() {
  transport_->close();
  // Its callers have lost their links before what it holds goes: they are told that, and nothing else.
  script_->end_life(number_);
}

ScriptedState::ScriptedState(const Endpoint& endpoint, const testing::ScriptedPeerOptions& options)
    : endpoint_(endpoint),
      name_(options.name),
      log_(options.log),
      script_(std::make_shared<Script>(options.in_order, options.timeout)) {}

std::size_t ScriptedState::add(Expected expected) {
  MutexLock lock(mutex_);
  if (life_ && !expected.event) life_->handle(expected.message.name_space);
  return script_->add(std::move(expected));
}

std::shared_ptr<ScriptedLife> ScriptedState::life() const {
  MutexLock lock(mutex_);
  if (!life_) throw Failed("the scripted peer at " + endpoint_.url().to_string() + " is disconnected");
  return life_;
}

void ScriptedState::connect() {
  MutexLock lock(mutex_);
  if (life_) return;
  life_ = std::make_shared<ScriptedLife>(++lives_, endpoint_, arb_options(name_, log_), script_);
}

void ScriptedState::disconnect() {
  std::shared_ptr<ScriptedLife> life;
  {
    MutexLock lock(mutex_);
    life.swap(life_);
    if (life) life->cut();  // with the lock: the next one needs the address
  }
  if (life) life->arb().stop();
}

}  // namespace vagus::detail
