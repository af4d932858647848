#include <atomic>
#include <semaphore>

#include <vagus/api/boost_future.hpp>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class CallingForms : public Conformance {};

TEST_P(CallingForms, a_sync_call_returns_the_handlers_result) {
  Pair pair(url());
  EXPECT_EQ(pair.called.add(2, 3).call(), 5);
  EXPECT_EQ(pair.called.add(2, 3)(), 5);
  pair.called.nothing().call();
}

TEST_P(CallingForms, arguments_of_every_kind_come_back_as_they_went) {
  Pair pair(url());
  const Sample sample{1.5, "bar", {1, -2, 3}};
  EXPECT_EQ(pair.called.sample(sample).call(), sample);
  EXPECT_EQ(pair.called.echo("").call(), "");
  EXPECT_EQ(pair.called.echo(std::string(60'000, 'x')).call(), std::string(60'000, 'x'));
  const Bytes bytes(GetParam() == "udp" ? 60'000 : 3'000'000, std::byte{0xa5});
  EXPECT_EQ(pair.called.bytes(bytes).call(), bytes);
}

TEST_P(CallingForms, a_body_calls_its_head) {
  Pair pair(url());
  pair.open();
  pair.body.wait_open(generous);
  EXPECT_EQ(pair.called_desk.add(20, 3).call(), 23);
}

TEST_P(CallingForms, try_call_gives_a_value_or_an_error_and_throws_nothing) {
  Pair pair(url());
  const Result<int> value = pair.called.add(1, 1).try_call();
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(*value, 2);
  const Result<void> error = pair.called.part.idle().try_call();
  ASSERT_FALSE(error.has_value());
  EXPECT_EQ(error.error().code(), ErrorCode::unsupported_api);
}

TEST_P(CallingForms, an_async_result_is_collected_as_often_as_one_likes) {
  Pair pair(url());
  const AsyncResult<int> pending = pair.called.add(1, 2).async();
  EXPECT_EQ(pending.get(), 3);
  EXPECT_EQ(pending.get(), 3);
  EXPECT_TRUE(pending.ready());
  EXPECT_EQ(pending.state(), TransactionState::completed);
  EXPECT_EQ(pending.error(), nullptr);
  EXPECT_TRUE(pending.id());
  EXPECT_EQ(pending.id().side(), Side::head);
}

TEST_P(CallingForms, an_async_call_leaves_the_caller_free_until_it_ends) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  const auto pending = pair.called.work(7).async();
  ASSERT_TRUE(stage.await(1));
  EXPECT_FALSE(pending.ready());
  EXPECT_EQ(pending.state(), TransactionState::pending);
  EXPECT_FALSE(pending.wait(1ms));
  EXPECT_THROW(pending.get(1ms), TransactionTimeout);
  stage.open();
  EXPECT_TRUE(pending.wait());
  EXPECT_EQ(pending.get(), 7);
}

TEST_P(CallingForms, all_copies_of_an_async_result_see_the_same_outcome) {
  Pair pair(url());
  auto original = std::make_unique<AsyncResult<std::string>>(pair.called.echo("here").async());
  const AsyncResult<std::string> copy = *original;
  original.reset();
  EXPECT_EQ(copy.get(), "here");
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([copy, &right] { right += copy.get() == "here" ? 1 : 0; });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 4);
}

TEST_P(CallingForms, an_outcome_collected_long_after_its_deadline_is_what_came_in_time) {
  Pair pair(url());
  pair.open();
  const auto pending = pair.called.add(4, 4).async({.timeout = 5s});
  ASSERT_TRUE(pending.wait(generous));
  const auto quick = pair.called.add(1, 1).async({.timeout = 20s});
  EXPECT_EQ(quick.get(), 2);
  // A call whose deadline has passed meanwhile: the timer must not overwrite what is there.
  const auto brief = pair.called.add(2, 2).async({.timeout = 300ms});
  ASSERT_TRUE(brief.wait(generous));
  const bool in_time = brief.error() == nullptr;
  const auto late = pair.called.part.twice(1).async({.timeout = 400ms});  // not handled: fails at once
  static_cast<void>(late.wait(generous));
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  EXPECT_THROW(pair.called.work(0).call({.timeout = 400ms}), TransactionTimeout);
  EXPECT_TRUE(!in_time || brief.get() == 4);
  EXPECT_EQ(pending.get(), 8);
}

TEST_P(CallingForms, an_outcome_may_be_collected_after_the_arbitrator_has_gone) {
  auto pair = std::make_unique<Pair>(url());
  const auto pending = pair->called.add(1, 2).async();
  ASSERT_TRUE(pending.wait(generous));
  pair.reset();
  EXPECT_EQ(pending.get(), 3);
}

TEST_P(CallingForms, a_dropped_async_result_changes_nothing_for_the_call) {
  Tally ran;
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    ran.add();
    return number;
  });
  for (int i = 0; i < 10; ++i) static_cast<void>(pair.called.work(i).async());
  EXPECT_TRUE(ran.await(10));
}

TEST_P(CallingForms, a_callback_is_called_exactly_once_with_the_value) {
  Tally called;
  std::atomic<int> sum{0};
  Pair pair(url());
  for (int i = 0; i < 100; ++i) {
    pair.called.add(i, 0).async([&](Result<int> result) {
      sum += result.value();
      called.add();
    });
  }
  ASSERT_TRUE(called.await(100));
  EXPECT_EQ(sum, 4950);
  pair.head.stop();
  EXPECT_EQ(called.count(), 100u);
}

TEST_P(CallingForms, a_callback_of_a_call_that_times_out_is_called_exactly_once) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  Notes outcomes;
  pair.called.work(1).async([&](Result<int> result) { outcomes.add(to_string(result.error().code())); },
                            {.timeout = 20ms});
  ASSERT_TRUE(outcomes.await(1));
  stage.open();  // the answer comes late
  pair.called.nothing().call();
  pair.called.nothing().call();
  pair.head.stop();
  EXPECT_EQ(outcomes.lines(), std::vector<std::string>{"TransactionTimeout"});
}

TEST_P(CallingForms, a_callback_may_call_again_and_wait) {
  std::atomic<int> sum{0};
  Flag done;
  Pair pair(url());
  pair.called.add(1, 1).async([&](Result<int> result) {
    sum = pair.called.add(result.value(), 40).call();
    done.raise();
  });
  ASSERT_TRUE(done.await());
  EXPECT_EQ(sum, 42);
}

TEST_P(CallingForms, a_callback_runs_where_the_call_says) {
  class Here final : public Executor {
   public:
    void execute(std::function<void()> work) override {
      times.add();
      work();
    }
    Tally times;
  };
  Here here;
  Flag done;
  Pair pair(url());
  pair.called.add(1, 1).async([&](const Result<int>&) { done.raise(); }, {.on = here});
  EXPECT_TRUE(done.await());
  EXPECT_EQ(here.times.count(), 1u);
}

TEST_P(CallingForms, an_exception_that_leaves_a_callback_is_logged_and_hurts_nobody) {
  Pair pair(url());
  pair.called.add(1, 1).async([](const Result<int>&) { throw std::runtime_error("out of the callback"); });
  EXPECT_TRUE(pair.head_log.transcript().await_line("out of the callback"));
  pair.called.add(1, 1).async([](const Result<int>&) { throw 17; });
  EXPECT_TRUE(pair.head_log.transcript().await_line("not a std::exception"));
  EXPECT_EQ(pair.called.add(2, 2).call(), 4);
  Flag done;
  pair.called.add(1, 1).async([&](const Result<int>&) { done.raise(); });
  EXPECT_TRUE(done.await());
}

TEST_P(CallingForms, a_semaphore_is_released_when_the_result_can_be_read) {
  Flag flag;
  Pair pair(url());
  const auto result = pair.called.add(5, 6).async(vagus::release(flag));
  ASSERT_TRUE(flag.await());
  EXPECT_TRUE(result.ready());
  EXPECT_EQ(result.get(), 11);
  std::counting_semaphore<> many{0};
  for (int i = 0; i < 20; ++i) static_cast<void>(pair.called.add(i, i).async(vagus::release(many)));
  for (int i = 0; i < 20; ++i) many.acquire();
  Flag failed;
  const auto error = pair.called.part.idle().async(vagus::release(failed));
  ASSERT_TRUE(failed.await());
  ASSERT_NE(error.error(), nullptr);
  EXPECT_EQ(error.error()->code(), ErrorCode::unsupported_api);
}

TEST_P(CallingForms, then_runs_at_once_if_the_call_has_ended) {
  Pair pair(url());
  const auto pending = pair.called.add(3, 3).async();
  EXPECT_EQ(pending.get(), 6);
  Flag done;
  pending.then([&](const Result<int>& result) {
    EXPECT_EQ(result.value(), 6);
    done.raise();
  });
  EXPECT_TRUE(done.await());
}

TEST_P(CallingForms, a_boost_future_becomes_ready_with_the_call) {
  Pair pair(url());
  auto future = to_boost_future(pair.called.add(3, 4).async());
  EXPECT_EQ(future.get(), 7);
  auto failed = to_boost_future(pair.called.part.idle().async());
  EXPECT_THROW(failed.get(), UnsupportedApiError);
}

TEST_P(CallingForms, an_unsolicited_call_of_a_method_runs_its_handler_and_answers_nobody) {
  Tally ran;
  Pair pair(url());
  pair.served.work.handle([&](int) -> int {
    ran.add();
    throw std::runtime_error("nobody hears of it");
  });
  pair.called.work(1).post();
  pair.called.work(2).post({.ignore_errors = true});
  EXPECT_TRUE(ran.await(2));
  EXPECT_TRUE(pair.body_log.transcript().await_line("nobody hears of it"));
  EXPECT_EQ(pair.head.transactions().pending(), 0u);
}

TEST_P(CallingForms, a_call_by_name_needs_nothing_declared) {
  Pair pair(url());
  pair.served.set_handler("part.undeclared", [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  });
  const ApiProxy proxy = pair.head.proxy("sample");
  EXPECT_EQ(proxy.action("add", 2, 5).call<int>(), 7);
  EXPECT_EQ(proxy.action("part.undeclared", "ab", 3).call<std::string>(), "ababab");
  EXPECT_EQ(pair.head.proxy("sample.part").action("undeclared", "x", 2).async<std::string>().get(), "xx");
  EXPECT_EQ(proxy.action("add", 2, 5).try_call<int>().value(), 7);
  Flag flag;
  const auto released = proxy.action("add", 1, 5).async<int>(vagus::release(flag));
  EXPECT_TRUE(flag.await());
  EXPECT_EQ(released.get(), 6);
  Flag called;
  proxy.action("add", 1, 5).async<int>([&](const Result<int>& result) {
    EXPECT_EQ(result.value(), 6);
    called.raise();
  });
  EXPECT_TRUE(called.await());
  proxy.action("nothing").post();
  EXPECT_EQ(proxy.action("sample", Sample{1.0, "m", {}}).call<Sample>(), (Sample{1.0, "m", {}}));
}

TEST_P(CallingForms, an_action_may_be_made_often_and_from_several_threads) {
  Pair pair(url());
  const auto action = pair.called.add(3, 4);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&pair, &right] {
      const auto own = pair.called.add(3, 4);
      for (int n = 0; n < 50; ++n) right += own.call() == 7 ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 200);
  EXPECT_EQ(action.call(), 7);
}

TEST_P(CallingForms, many_async_calls_each_get_their_own_answer) {
  Pair pair(url(), {.workers = 4});
  std::vector<AsyncResult<std::string>> results;
  for (int i = 0; i < 500; ++i) results.push_back(pair.called.echo(std::to_string(i)).async());
  for (int i = 0; i < 500; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), std::to_string(i));
  EXPECT_EQ(pair.head.transactions().pending(), 0u);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(CallingForms);

}  // namespace
}  // namespace vagus::testing
