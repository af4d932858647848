/// The other side of a conversation, played by a test.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <vagus/api/api_proxy.hpp>
#include <vagus/core/deadline.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/optional_ref.hpp>
#include <vagus/testing/expectation.hpp>
#include <vagus/testing/failed.hpp>
#include <vagus/testing/matching.hpp>
#include <vagus/transport/endpoint.hpp>

namespace vagus::testing {

/// Options of a ScriptedPeer. Text is copied; the log has to outlive the peer.
struct ScriptedPeerOptions {
  /// What it calls itself.
  std::string_view name = "scripted peer";
  /// True: expected calls have to come in the order in which they were expected, but for those that may come
  /// any number of times. Of events nothing is asked.
  bool in_order = false;
  /// How long its functions wait for something that has to come, by the machine's clock, whatever clock is in
  /// use; but for call(), which waits as any call does. `no_timeout`: for ever.
  Duration timeout = std::chrono::seconds(10);
  /// Where it logs; warnings and errors to standard error by default.
  OptionalRef<Log> log = {};
};
static_assert(std::is_trivially_destructible_v<ScriptedPeerOptions>);

/// Stands in for the other process, in this one, for whatever is connected to it: it expects calls and
/// answers them, expects events, calls and sends events, dies and comes back. No contract is needed for that:
/// names are text, arguments and results values.
///
///     vagus::testing::ScriptedPeer body;
///     vagus::ApiArb head{body.endpoint()};
///     head.attach(machine);
///
///     body.expect("machine.x.move_to", 120.0).reply(119.9);
///     EXPECT_EQ(machine.x.move_to(120.0).call(), 119.9);
///     body.verify();
///
/// Arguments are compared as vagus::Value: `120.0` is what a method is given that takes a double, `120` one
/// that takes an integer, and arguments that a caller leaves out are not there. For one of several
/// expectations that fit, the one counts that was made first and does not have all its calls yet.
///
/// A call that was not expected fails, with a text that says what was, and so does verify(). Events are
/// compared only with those expected: that others come is no failure. A call that was posted looks as an
/// event does: if no call of its name is expected, it is taken for one, and is no failure;
/// `expect(name).never()` finds it.
///
/// What goes wrong in the test itself, in a function that answers or a predicate, makes verify() fail, too.
///
/// All functions are safe from any thread. Destroying it disconnects it, see disconnect().
class ScriptedPeer {
 public:
  /// Listens under a name that nobody else in the process has.
  explicit ScriptedPeer(const ScriptedPeerOptions& options = {});
  /// Listens or connects there: `connect(url)` to a body under test. Throws what ApiArb throws.
  explicit ScriptedPeer(const Endpoint& endpoint, const ScriptedPeerOptions& options = {});
  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  /// What it was made with: a port 0, say, is 0 here, and not the one that it came to be.
  const std::string& url() const noexcept { return url_; }
  /// The other side of its link, by that URL: what the ApiArb under test is made with.
  Endpoint endpoint() const;

  // What is to come ------------------------------------------------------------------------------

  /// Expects a call. Of the arguments each is a value, `anything` or `where()`, those by name stand in
  /// `vagus::kw()`. Without any, they are not looked at; `no_arguments` says that there are none.
  ///
  /// Throws ApiParamError if the name is none.
  template <typename... Arguments>
  ExpectedCall expect(std::string_view name, const Arguments&... arguments) {
    return ExpectedCall(state_, detail::expected_message(name, arguments...));
  }
  /// Expects an event, likewise.
  template <typename... Arguments>
  ExpectedEvent expect_event(std::string_view name, const Arguments&... arguments) {
    return expect_event(detail::expected_message(name, arguments...));
  }

  /// Waits until it has come at least once, and as often as it has to; throws Failed if it does not.
  void wait_for(const Expectation& expectation) const;
  /// Waits until all has come that was expected, then verifies. Does not wait for more once something came
  /// that nobody expected.
  void wait() const;
  /// Throws Failed unless all has come that was expected, and no call that was not.
  void verify() const;

  // What it does ---------------------------------------------------------------------------------

  /// Calls what the other side handles. Waits as any call does, by the clock in use: while a FakeClock
  /// stands, until somebody answers. Throws what a call throws.
  template <typename T, typename... Arguments>
  T call(std::string_view name, Arguments&&... arguments) {
    return proxy().action(name, std::forward<Arguments>(arguments)...).template call<T>();
  }

  /// Sends an event to whoever listens, arguments by name in `vagus::kw()`. Waits until somebody does: throws
  /// Failed if nobody comes, ApiParamError if the name is none.
  template <typename... Arguments>
  void send_event(std::string_view name, const Arguments&... arguments) {
    Received event{std::string(name), {}, {}};
    [[maybe_unused]] const auto add = [&](const auto& argument) {
      if constexpr (detail::is_keyword<std::remove_cvref_t<decltype(argument)>>) {
        event.named.emplace_back(Value(argument.name), detail::value_of(argument.value));
      } else {
        event.arguments.push_back(detail::value_of(argument));
      }
    };
    (add(arguments), ...);
    send_event(event);
  }

  /// Waits until somebody is connected; throws Failed if nobody comes. Whoever that is may not yet know which
  /// events are expected here; once it has answered a call, it does.
  void wait_connected() const;
  /// Dies: whoever is connected loses its link, and nobody can connect. Calls that were not answered end
  /// there as if the process had crashed, those too that are being answered now. Nothing happens if it is
  /// dead.
  ///
  /// All that has happened before it waits for a function that answers at the moment (from inside that one,
  /// it does not): a test that lets the function go on does so before.
  void disconnect();
  /// Comes back under the same URL, as a process that was started anew does. What was expected still is.
  /// Nothing happens if it is there. Throws what ApiArb::start() throws.
  void reconnect();

 private:
  ApiProxy proxy() const;
  ExpectedEvent expect_event(detail::ExpectedMessage message);
  void send_event(const Received& event);

  const std::string url_;
  const std::shared_ptr<detail::ScriptedState> state_;
};

}  // namespace vagus::testing
