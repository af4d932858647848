// Coroutines that make calls.

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

// Actions are built in variables first: see the note at vagus::Task.

Task<int> three_calls(const SampleApi& api) {
  const auto add = api.add(1, 2);
  const int three = co_await add;
  const auto more = api.add(three, 10);
  const int thirteen = co_await more;
  const auto echo = api.echo(std::to_string(thirteen));
  const std::string text = co_await echo;
  co_return std::stoi(text);
}

Task<int> one_call(const SampleApi& api, int number) {
  const auto work = api.work(number);
  co_return co_await work;
}

Task<int> within_another(const SampleApi& api, int number) {
  const int result = co_await one_call(api, number);
  co_return result + 100;
}

class Coroutines : public Conformance {};

TEST_P(Coroutines, make_one_call_after_the_other) {
  Pair pair(url());
  EXPECT_EQ(three_calls(pair.called).get(), 13);
  EXPECT_EQ(pair.head.transactions().pending(), 0u);
}

TEST_P(Coroutines, do_nothing_before_they_are_started) {
  Pair pair(url());
  {
    const auto never = three_calls(pair.called);
    EXPECT_FALSE(never.done());
  }
  EXPECT_EQ(pair.head.stats().calls_made, 0u);
}

TEST_P(Coroutines, tell_their_end_once_and_keep_their_value) {
  Tally ended;
  Pair pair(url());
  auto task = three_calls(pair.called);
  task.start([&] { ended.add(); });
  ASSERT_TRUE(ended.await(1));
  EXPECT_TRUE(task.done());
  EXPECT_EQ(task.take(), 13);
  EXPECT_THROW(task.start(), std::logic_error);
  pair.head.stop();
  EXPECT_EQ(ended.count(), 1u);
}

TEST_P(Coroutines, of_many_at_once_each_get_their_own_answers) {
  Tally ended;
  Pair pair(url(), {.workers = 2});
  pair.served.work.handle([](int number) { return number * 2; });
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(within_another(pair.called, i));
  for (auto& task : tasks) task.start([&] { ended.add(); });
  ASSERT_TRUE(ended.await(100));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(tasks[static_cast<std::size_t>(i)].take(), 100 + 2 * i);
}

TEST_P(Coroutines, go_on_on_a_thread_of_the_arbitrator_where_they_may_block) {
  Pair pair(url());
  const auto user = std::this_thread::get_id();
  bool elsewhere = false;
  const auto coroutine = [&]() -> Task<int> {
    EXPECT_EQ(std::this_thread::get_id(), user);
    const auto add = pair.called.add(1, 2);
    const int three = co_await add;
    elsewhere = std::this_thread::get_id() != user;
    co_return pair.called.add(three, 4).call();
  };
  EXPECT_EQ(coroutine().get(), 7);
  EXPECT_TRUE(elsewhere);
}

TEST_P(Coroutines, may_await_an_async_result_as_often_as_they_like) {
  Pair pair(url());
  const auto coroutine = [&]() -> Task<int> {
    const auto early = pair.called.add(1, 2).async();
    const auto late = pair.called.add(3, 4).async();
    const int second = co_await late;
    const int first = co_await early;
    const int again = co_await early;
    co_return first * 100 + second * 10 + again;
  };
  EXPECT_EQ(coroutine().get(), 373);
}

TEST_P(Coroutines, may_await_the_answers_of_all_peers) {
  Pair pair(url());
  pair.open();
  const auto coroutine = [&]() -> Task<int> {
    const auto all = pair.called.add(1, 2).all();
    const auto results = co_await all;
    co_return results.size() == 1 ? results.front().result.value() : -1;
  };
  EXPECT_EQ(coroutine().get(), 3);
}

TEST_P(Coroutines, get_errors_as_exceptions_and_go_on) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw std::domain_error("not today"); });
  const auto coroutine = [&]() -> Task<std::string> {
    std::string caught;
    const auto idle = pair.called.part.idle();
    try {
      co_await idle;
    } catch (const UnsupportedApiError& error) {
      caught += error.name_space();
    }
    const auto work = pair.called.work(1);
    try {
      co_await work;
    } catch (const std::domain_error& error) {
      caught += std::string(" ") + error.what();
    }
    const auto echo = pair.called.echo(" well");
    caught += co_await echo;
    co_return caught;
  };
  EXPECT_EQ(coroutine().get(), "sample.part.idle not today well");
}

TEST_P(Coroutines, let_what_they_do_not_catch_out_to_who_awaits_them) {
  Flag ended;
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw std::domain_error("not today"); });
  EXPECT_THROW(one_call(pair.called, 1).get(), std::domain_error);
  EXPECT_THROW(within_another(pair.called, 1).get(), RemoteError);
  auto task = within_another(pair.called, 1);
  task.start([&] { ended.raise(); });
  ASSERT_TRUE(ended.await());
  EXPECT_THROW(task.take(), std::domain_error);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Coroutines);

}  // namespace
}  // namespace vagus::testing
