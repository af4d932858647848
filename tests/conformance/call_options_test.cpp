// What may be chosen for one call, with its verb or before it.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

/// Runs at once, and counts.
class Counting final : public Executor {
 public:
  void execute(std::function<void()> work) override {
    times.add();
    work();
  }
  Tally times;
};

class CallOptionsOf : public Conformance {
 protected:
  /// Keeps what the handler of `work` knows of the time that it is given.
  static void watch(Pair& pair, Duration& left) {
    pair.served.work.handle([&left](Call& call, int number) {
      left = call.deadline().remaining();
      return number;
    });
  }
  static bool about(Duration left, Duration timeout) { return left <= timeout && left > timeout / 2; }
};

TEST_P(CallOptionsOf, with_hold_for_every_form_of_the_call) {
  Duration left{};
  Pair pair(url());
  watch(pair, left);
  const auto action = pair.called.work(1).with({.timeout = 1000s});
  EXPECT_EQ(action.call(), 1);
  EXPECT_TRUE(about(left, 1000s));
  left = {};
  EXPECT_EQ(action.try_call().value(), 1);
  EXPECT_TRUE(about(left, 1000s));
  left = {};
  EXPECT_EQ(action.async().get(), 1);
  EXPECT_TRUE(about(left, 1000s));
  left = {};
  const auto awaiting = [&]() -> Task<int> { co_return co_await action; };
  EXPECT_EQ(awaiting().get(), 1);
  EXPECT_TRUE(about(left, 1000s));
  left = {};
  pair.open();
  EXPECT_EQ(action.all().call().size(), 1u);
  EXPECT_TRUE(about(left, 1000s));
  left = {};
  EXPECT_EQ(action.to(pair.head.peers().front()).call(), 1);
  EXPECT_TRUE(about(left, 1000s));
  left = {};
  EXPECT_EQ(action.any().call(), 1);
  EXPECT_TRUE(about(left, 1000s));
}

TEST_P(CallOptionsOf, with_leave_the_action_they_were_given_to_as_it_was) {
  Duration left{};
  Pair pair(url());
  watch(pair, left);
  const auto action = pair.called.work(1);
  const auto longer = action.with({.timeout = 1000s});
  action.call();
  EXPECT_TRUE(about(left, default_timeout));
  longer.call();
  EXPECT_TRUE(about(left, 1000s));
  action.call();
  EXPECT_TRUE(about(left, default_timeout));
}

TEST_P(CallOptionsOf, the_verb_precede_with_and_do_not_stick) {
  Duration left{};
  Pair pair(url(), {.called = {.timeout = 100s}});
  watch(pair, left);
  const auto action = pair.called.work(1).with({.timeout = 1000s});
  action.call({.timeout = 5000s});
  EXPECT_TRUE(about(left, 5000s));
  action.call();
  EXPECT_TRUE(about(left, 1000s));
  action.with({.timeout = 9000s}).call();
  EXPECT_TRUE(about(left, 9000s));
  action.with({.timeout = no_timeout}).call();
  EXPECT_EQ(left, no_timeout);
  action.with({.priority = Priority::high}).call();  // says nothing about the time
  EXPECT_TRUE(about(left, 1000s));
  pair.called.work(1).call();
  EXPECT_TRUE(about(left, 100s));
}

TEST_P(CallOptionsOf, with_end_an_awaited_call_at_its_deadline) {
  Pair pair(url());
  pair.served.work.handle([](Call& call, int number) {
    call.sleep_for(1h);  // until it is told that nobody waits any more
    return number;
  });
  const auto brief = pair.called.work(1).with({.timeout = 20ms});
  const auto awaiting = [&]() -> Task<int> { co_return co_await brief; };
  EXPECT_THROW(awaiting().get(), TransactionTimeout);
}

TEST_P(CallOptionsOf, a_call_by_name_are_the_same) {
  Duration left{};
  Pair pair(url());
  watch(pair, left);
  const auto action = pair.head.proxy("sample").action("work", 1);
  action.call<int>({.timeout = 500s});
  EXPECT_TRUE(about(left, 500s));
  action.as<int>().with({.timeout = 900s}).call();
  EXPECT_TRUE(about(left, 900s));
  action.call<int>();
  EXPECT_TRUE(about(left, default_timeout));
}

TEST_P(CallOptionsOf, a_call_choose_its_priority) {
  Notes order;
  Pair pair(url());
  Stage stage;
  pair.served.other.handle([&](int number) { return stage(number); });
  pair.served.work.handle([&](int number) {
    order.add(std::to_string(number));
    return number;
  });
  pair.open();
  const auto holding = pair.called.other(0).async();
  ASSERT_TRUE(stage.await(1));
  std::vector<AsyncResult<int>> pending;
  pending.push_back(pair.called.work(3).with({.priority = Priority::low}).async());
  pending.push_back(pair.called.work(2).async());
  pending.push_back(pair.called.work(1).with({.priority = Priority::high}).async());
  pair.called.work(4).post({.priority = Priority::low});
  while (pair.body.stats().requests_received + pair.body.stats().messages_received < 5)
    std::this_thread::yield();
  stage.open();
  for (const auto& one : pending) one.get();
  ASSERT_TRUE(order.await(4));
  EXPECT_EQ(order.lines(), (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST_P(CallOptionsOf, a_call_choose_where_its_callback_runs) {
  Counting with_the_verb;
  Counting before_it;
  Tally called;
  Pair pair(url());
  const auto count = [&](const Result<int>& result) {
    EXPECT_TRUE(result.has_value());
    called.add();
  };
  pair.called.add(1, 1).async(count, {.on = with_the_verb});
  ASSERT_TRUE(called.await(1));
  EXPECT_EQ(with_the_verb.times.count(), 1u);
  const auto action = pair.called.add(1, 1).with({.on = before_it});
  action.async(count);
  ASSERT_TRUE(called.await(2));
  EXPECT_EQ(before_it.times.count(), 1u);
  action.async(count, {.on = with_the_verb});
  ASSERT_TRUE(called.await(3));
  EXPECT_EQ(before_it.times.count(), 1u);
  EXPECT_EQ(with_the_verb.times.count(), 2u);
}

TEST_P(CallOptionsOf, a_call_choose_where_a_coroutine_goes_on) {
  Counting here;
  Pair pair(url());
  const auto action = pair.called.add(1, 1).with({.on = here});
  const auto awaiting = [&]() -> Task<int> { co_return co_await action; };
  EXPECT_EQ(awaiting().get(), 2);
  EXPECT_EQ(here.times.count(), 1u);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(CallOptionsOf);

}  // namespace
}  // namespace vagus::testing
