// Handlers that are coroutines.

#include <optional>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class CoroutineHandlers : public Conformance {};

TEST_P(CoroutineHandlers, leave_their_worker_to_others_while_they_wait) {
  Pair pair(url());
  Stage stage;
  pair.desk.work.handle([&](int number) { return stage(number); });
  pair.served.work.handle([&](int number) -> Task<int> {
    const auto nested = pair.called_desk.work(number);
    co_return co_await nested + 1;
  });
  pair.open();
  const auto first = pair.called.work(1).async();
  const auto second = pair.called.work(2).async();
  ASSERT_TRUE(stage.await(1));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(pair.called.add(i, 1).call(), i + 1);
  stage.open();
  EXPECT_EQ(first.get(), 2);
  EXPECT_EQ(second.get(), 3);
}

TEST_P(CoroutineHandlers, may_take_their_arguments_by_reference) {
  Pair pair(url());
  const auto twice = [&](const auto& text) -> Task<std::string> {
    const auto nested = pair.called_desk.nothing();
    co_await nested;  // whoever has called this has returned
    co_return std::string(text) + std::string(text);
  };
  pair.served.echo.handle([&](const std::string& text) -> Task<std::string> { return twice(text); });
  const std::string lengthy(1000, 'x');
  EXPECT_EQ(pair.called.echo("short").call(), "shortshort");
  EXPECT_EQ(pair.called.echo(lengthy).call(), lengthy + lengthy);
  pair.served.echo.handle([&](std::string_view text) -> Task<std::string> {
    const auto nested = pair.called_desk.nothing();
    co_await nested;
    co_return std::string(text);
  });
  EXPECT_EQ(pair.called.echo("short").call(), "short");
  EXPECT_EQ(pair.called.echo(lengthy).call(), lengthy);
}

/// What the calls that a coroutine handler makes bring along.
struct Inherited {
  Duration first{};
  Duration later{};
};

TEST_P(CoroutineHandlers, hand_their_deadline_down_before_and_after_an_await) {
  Inherited inherited;
  Pair pair(url());
  pair.desk.other.handle([&](Call& call, int number) {
    (number == 0 ? inherited.first : inherited.later) = call.deadline().remaining();
    return number;
  });
  pair.served.work.handle([&](int) -> Task<int> {
    const auto before = pair.called_desk.other(0);
    co_await before;
    const auto after = pair.called_desk.other(1).with({.timeout = no_timeout});
    co_return co_await after;
  });
  pair.open();
  EXPECT_EQ(pair.called.work(1).call({.timeout = 100s}), 1);
  EXPECT_LE(inherited.first, Duration(100s));
  EXPECT_GT(inherited.first, Duration(10s));
  EXPECT_LE(inherited.later, Duration(100s));
  EXPECT_GT(inherited.later, Duration(40s));  // not the default of a call, which is shorter
}

TEST_P(CoroutineHandlers, time_out_in_their_nested_call_with_the_deadline_of_their_own) {
  Notes nested;
  Flag begun;
  Flag given_up;
  Pair pair(url());
  Stage stage;
  pair.desk.work.handle([&](int number) { return stage(number); });
  pair.served.work.handle([&](int number) -> Task<int> {
    begun.raise();
    const auto quick = pair.called_desk.add(1, 1);
    const auto slow = pair.called_desk.work(number);
    try {
      co_await quick;
      co_await slow;
    } catch (const Error& error) {
      nested.add(to_string(error.code()));
    }
    given_up.await();  // else the caller, if it is slow to wake, may find the answer before its own deadline
    co_return number;
  });
  pair.open();
  time_out_once_begun(begun, [&](Duration timeout) {
    EXPECT_THROW(pair.called.work(1).call({.timeout = timeout}), TransactionTimeout);
  });
  given_up.raise();
  ASSERT_TRUE(nested.await(1));
  // Its own deadline, or the caller's word that it has passed, whichever comes first.
  const std::string ended = nested.lines().front();
  EXPECT_TRUE(ended == "TransactionTimeout" || ended == "TransactionCancelled") << ended;
}

TEST_P(CoroutineHandlers, are_cancelled_with_the_call_that_they_handle) {
  Notes ended;
  Flag inside;
  Flag told;
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) {
    const std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
    inside.raise();
    told.await();
    return number;
  });
  pair.served.work.handle([&](Call& call, int number) -> Task<int> {
    const auto nested = pair.called_desk.work(number);
    try {
      co_await nested;
    } catch (const TransactionCancelled&) {
      ended.add(call.stop_requested() ? "told" : "not told");
    }
    co_return number;
  });
  pair.open();
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(inside.await());
  pending.cancel();
  EXPECT_TRUE(told.await());
  ASSERT_TRUE(ended.await(1));
  EXPECT_EQ(ended.lines().front(), "told");
}

TEST_P(CoroutineHandlers, may_start_tasks_that_outlive_them_and_keep_their_deadline) {
  Duration left{};
  Flag ended;
  std::optional<Task<int>> started;
  Pair pair(url());
  pair.desk.other.handle([&](Call& call, int number) {
    left = call.deadline().remaining();
    return number;
  });
  pair.served.work.handle([&](int number) {
    const auto later = [](const SampleApi& desk, int value) -> Task<int> {
      const auto first = desk.add(value, 1);
      const int sum = co_await first;
      const auto second = desk.other(sum).with({.timeout = no_timeout});
      co_return co_await second;
    };
    started.emplace(later(pair.called_desk, number));
    started->start([&] { ended.raise(); });
    return number;
  });
  pair.open();
  EXPECT_EQ(pair.called.work(1).call({.timeout = 100s}), 1);
  ASSERT_TRUE(ended.await());
  EXPECT_EQ(started->take(), 2);
  EXPECT_LE(left, Duration(100s));
  EXPECT_GT(left, Duration(40s));
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(CoroutineHandlers);

}  // namespace
}  // namespace vagus::testing
