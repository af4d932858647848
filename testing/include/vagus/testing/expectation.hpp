/// What is to come from the other side of a conversation, and what is answered.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <vagus/api/call.hpp>
#include <vagus/api/handler.hpp>
#include <vagus/core/deadline.hpp>
#include <vagus/testing/failed.hpp>
#include <vagus/testing/matching.hpp>

namespace vagus::detail {

/// What a ScriptedPeer and all that it gives out share.
class ScriptedState;

/// Answers one call that was expected, keeps the reply for later, or throws what is to be the answer.
using ScriptedAnswer = std::function<void(Reply<Value>&, const testing::Received&)>;

/// One call or event that is to come.
struct Expected {
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  ExpectedMessage message;
  bool event = false;
  std::size_t least = 1;
  std::size_t most = 1;
  ScriptedAnswer answer = {};  ///< of a call; empty: it is held
};

/// The arguments that came, as a function of the test takes them. Throws testing::Failed if it takes others.
template <typename Kept, std::size_t... Index>
Kept kept_arguments(const testing::Received& received, std::index_sequence<Index...>) {
  if (received.arguments.size() != sizeof...(Index)) {
    throw testing::Failed("what answers " + to_string(received) + " takes " +
                          std::to_string(sizeof...(Index)) + " arguments");
  }
  try {
    // Braces: the arguments are decoded in their order.
    return Kept{from_value<std::tuple_element_t<Index, Kept>>(received.arguments[Index])...};
  } catch (const wire::DecodeError& wrong) {
    throw testing::Failed("what answers " + to_string(received) + " takes other arguments: " + wrong.what());
  }
}

/// What a function of the test says.
template <typename Function>
Value value_from(const Function& function) {
  if constexpr (std::is_void_v<decltype(function())>) {
    function();
    return Value();
  } else {
    return value_of(function());
  }
}

/// Calls a function of the test with the arguments that came. Throws testing::Failed if it takes others.
template <typename Function>
Value answer_by(Function& function, const testing::Received& received) {
  if constexpr (std::is_invocable_v<Function&, const testing::Received&>) {
    return value_from([&]() -> decltype(auto) { return function(received); });
  } else {
    using CallTraits = Traits<Function>;
    using Parameters = typename CallTraits::Arguments;
    static_assert(!CallTraits::takes_call && !CallTraits::is_coroutine,
                  "what answers takes the arguments or a const Received&, and returns the result");
    return [&]<std::size_t... Index>(std::index_sequence<Index...> indices) {
      auto kept = kept_arguments<typename CallTraits::Kept>(received, indices);
      return value_from([&]() -> decltype(auto) {
        return function(pass<std::tuple_element_t<Index, Parameters>>(std::get<Index>(kept))...);
      });
    }
    (std::make_index_sequence<CallTraits::count>());
  }
}

}  // namespace vagus::detail

namespace vagus::testing {

/// Something that was expected of a ScriptedPeer; for ScriptedPeer::wait_for(). A value; safe from any
/// thread.
class Expectation {
 public:
  Expectation(std::shared_ptr<detail::ScriptedState> state, std::size_t index)
      : state_(std::move(state)), index_(index) {}

  /// How often it has come so far.
  std::size_t count() const;

 protected:
  friend class ScriptedPeer;

  detail::ScriptedState& state() const noexcept { return *state_; }
  std::size_t index() const noexcept { return index_; }

 private:
  std::shared_ptr<detail::ScriptedState> state_;
  std::size_t index_;  // of the state's expectations
};

/// Calls that are answered when the test says so, the one that came first before the others. Whatever is said
/// to one that has not come yet waits for it, for as long as ScriptedPeerOptions::timeout, and then throws
/// Failed. A value; safe from any thread.
///
/// What was not answered before ScriptedPeer::disconnect() never is: an answer that it gets goes to nobody.
class Held : public Expectation {
 public:
  using Expectation::Expectation;

  /// Waits for the call that is answered next.
  Received wait() const;
  /// Waits until the caller of that one has given it up: has cancelled it, or reached its deadline. It is
  /// still to be answered.
  void wait_given_up() const;

  /// Tells the caller something ahead of the answer. Waits while that one is too far behind, as above, and
  /// then throws Failed; TransactionCancelled if nobody waits for the call any more.
  template <typename T>
  void progress(const T& value) const {
    send_progress(detail::value_of(value));
  }

  void reply() const { complete(Value()); }
  template <typename T>
  void reply(const T& value) const {
    complete(detail::value_of(value));
  }
  /// As if a handler had thrown it.
  void fail(const std::exception_ptr& thrown) const;
  template <typename E>
  requires std::is_base_of_v<std::exception, E>
  void fail(const E& exception) const { fail(std::make_exception_ptr(exception)); }

 private:
  void send_progress(const Value& value) const;
  void complete(const Value& value) const;
};

/// A call that is being described; ScriptedPeer::expect() makes one. What is asked of it, and how often it
/// comes, stands before the verb that says what is answered; only with that it is expected.
class [[nodiscard(
    "a verb says what is answered: .reply(), .fail(), .answer(), .hold() or .never()")]] ExpectedCall {
 public:
  ExpectedCall(std::shared_ptr<detail::ScriptedState> state, detail::ExpectedMessage message)
      : state_(std::move(state)) {
    expected_.message = std::move(message);
  }
  ExpectedCall(const ExpectedCall&) = delete;
  ExpectedCall& operator=(const ExpectedCall&) = delete;

  /// So many times, rather than once.
  [[nodiscard]] ExpectedCall& times(std::size_t count) { return between(count, count); }
  [[nodiscard]] ExpectedCall& at_least(std::size_t count) {
    return between(count, detail::Expected::unlimited);
  }
  /// As often as it comes, or not at all.
  [[nodiscard]] ExpectedCall& any_number() { return between(0, detail::Expected::unlimited); }
  /// Only those for which this is true, too. It may not use the peer nor what it has given out: it runs with
  /// their lock held. What it throws, verify() throws as Failed, and the call is none of those.
  [[nodiscard]] ExpectedCall& when(std::function<bool(const Received&)> predicate);

  /// Nothing, as a method does whose result is void.
  Expectation reply() { return reply_with(Value()); }
  template <typename T>
  Expectation reply(const T& value) {
    return reply_with(detail::value_of(value));
  }
  /// The same after a time, by the clock in use: see FakeClock.
  Expectation reply_after(Duration delay) { return reply_later(delay, Value()); }
  template <typename T>
  Expectation reply_after(Duration delay, const T& value) {
    return reply_later(delay, detail::value_of(value));
  }

  /// An exception, as if a handler had thrown it.
  Expectation fail(const std::exception_ptr& thrown);
  template <typename E>
  requires std::is_base_of_v<std::exception, E> Expectation fail(const E& exception) {
    return fail(std::make_exception_ptr(exception));
  }

  /// What the function returns or throws. It takes the arguments, each in the type in which it wants it, or a
  /// `const Received&`; it runs on a thread of the peer, one call of a life at a time, and may use it.
  ///
  /// If it throws Failed - its own, or that of a function of the peer -, or takes other arguments than those
  /// that came, the caller gets that error, and verify() throws Failed, too.
  template <typename Function>
  Expectation answer(Function function) {
    return add([function = std::move(function)](Reply<Value>& reply, const Received& received) mutable {
      reply.complete(detail::answer_by(function, received));
    });
  }

  /// Nothing for now: the test answers when it likes.
  Held hold();
  /// It is a failure if it comes.
  Expectation never();

 private:
  ExpectedCall& between(std::size_t least, std::size_t most);
  Expectation reply_with(Value value);
  Expectation reply_later(Duration delay, Value value);
  Expectation add(detail::ScriptedAnswer answer);

  const std::shared_ptr<detail::ScriptedState> state_;
  detail::Expected expected_;
};

/// An event that is expected, once unless something else is said.
class ExpectedEvent : public Expectation {
 public:
  using Expectation::Expectation;

  ExpectedEvent& times(std::size_t count) { return between(count, count); }
  ExpectedEvent& at_least(std::size_t count) { return between(count, detail::Expected::unlimited); }
  /// It is a failure if it comes.
  ExpectedEvent& never() { return between(0, 0); }

 private:
  ExpectedEvent& between(std::size_t least, std::size_t most);
};

}  // namespace vagus::testing
