#include <atomic>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class NestedCalls : public Conformance {
 protected:
  /// Both sides call each other `number` times in turn and count.
  static void bounce(Pair& pair) {
    pair.served.work.handle(
        [&](int number) { return number == 0 ? 0 : pair.called_desk.work(number - 1).call() + 1; });
    pair.desk.work.handle(
        [&](int number) { return number == 0 ? 0 : pair.called.work(number - 1).call() + 1; });
  }
};

TEST_P(NestedCalls, from_head_to_body_to_head_to_body_work_with_one_worker_each) {
  Pair pair(url());
  bounce(pair);
  for (int depth = 0; depth < 8; ++depth) EXPECT_EQ(pair.called.work(depth).call(), depth);
}

TEST_P(NestedCalls, from_body_to_head_to_body_to_head_work_with_one_worker_each) {
  Pair pair(url());
  bounce(pair);
  pair.open();
  pair.body.wait_open(generous);
  for (int depth = 0; depth < 8; ++depth) EXPECT_EQ(pair.called_desk.work(depth).call(), depth);
}

TEST_P(NestedCalls, may_be_thirty_deep) {
  Pair pair(url());
  bounce(pair);
  EXPECT_EQ(pair.called.work(30).call(), 30);
}

TEST_P(NestedCalls, of_several_chains_at_once_do_not_disturb_each_other) {
  Pair pair(url());
  bounce(pair);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 25; ++n) right += pair.called.work(6).call() == 6 ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 100);
}

TEST_P(NestedCalls, may_wait_for_an_async_result) {
  Pair pair(url());
  pair.served.other.handle([](int number) { return number * 2; });
  pair.desk.work.handle([&](int number) { return pair.called.other(number).async().get() + 1; });
  pair.served.work.handle([&](int number) { return pair.called_desk.work(number).async().get() + 1; });
  EXPECT_EQ(pair.called.work(20).call(), 42);
}

TEST_P(NestedCalls, that_came_before_the_worker_waited_are_run_once_it_waits) {
  Pair pair(url());
  pair.served.other.handle([](int number) { return number * 2; });
  pair.desk.work.handle([&](int number) { return pair.called.other(number).call() + 1; });
  pair.served.work.handle([&](int number) {
    const auto pending = pair.called_desk.work(number).async();
    // The only worker of this side is here: what has arrived stands in the queue.
    while (pair.body.stats().requests_received < 2) std::this_thread::yield();
    return pending.get() + 1;
  });
  EXPECT_EQ(pair.called.work(20).call(), 42);
}

TEST_P(NestedCalls, that_came_before_what_runs_inside_a_waiting_worker_waited_are_run_once_it_waits) {
  Pair pair(url());
  const auto received = [&] { return pair.body.stats().requests_received; };
  pair.served.work.handle([&](int number) {
    if (number == 0) return 0;
    const auto before = received();
    const auto pending = pair.called_desk.work(number).async();
    while (received() == before) std::this_thread::yield();
    return pending.get() + 1;
  });
  pair.desk.work.handle([&](int number) { return pair.called.work(number - 1).call(); });
  EXPECT_EQ(pair.called.work(5).call(), 5);
}

TEST_P(NestedCalls, made_in_a_callback_may_come_back_to_the_worker_that_runs_it) {
  Pair pair(url());
  pair.served.work.handle([&](int number) { return pair.called_desk.add(number, 1).call(); });
  Flag done;
  std::atomic<int> answer{0};
  const auto pending = pair.called.nothing().async([&](const Result<void>&) {
    answer = pair.called.work(41).call();
    done.raise();
  });
  ASSERT_TRUE(done.await());
  EXPECT_EQ(answer, 42);
}

TEST_P(NestedCalls, may_have_a_callback_while_the_handler_waits) {
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    Flag called;
    std::atomic<int> got{0};
    const auto pending = pair.called_desk.add(number, 1).async([&](const Result<int>& result) {
      got = result.value();
      called.raise();
    });
    pending.get();
    // The callback runs on this very worker if no other is free: while it waits for another call, at the
    // latest.
    while (!called.raised()) pair.called_desk.nothing().call();
    return got.load();
  });
  EXPECT_EQ(pair.called.work(6).call(), 7);
}

TEST_P(NestedCalls, of_a_call_that_had_to_wait_for_the_link_run_on_the_worker_that_waits) {
  Flag inside;
  SampleApi served("sample");
  SampleApi called("sample");
  SampleApi desk("desk", {.workers = 1});
  SampleApi called_desk("desk");
  served.work.handle([&](int number) { return called_desk.other(number).call() + 1; });
  desk.other.handle([](int number) { return number * 2; });
  desk.work.handle([&](int number) {
    inside.raise();
    return called.work(number).call() + 1;
  });
  ApiArb body(listen(url()), {.name = "body"});
  body.attach(served);
  body.attach(called_desk);
  ApiArb head(connect(url()), {.name = "head"});
  head.attach(called);
  head.attach(desk);
  const auto pending = desk.work(20).local().async();
  ASSERT_TRUE(inside.await());  // the only worker of `desk` is about to wait for a body
  body.start();
  EXPECT_EQ(pending.get(), 42);
}

TEST_P(NestedCalls, made_inside_an_event_handler_work) {
  Flag done;
  std::atomic<int> answer{0};
  Pair pair(url());
  const auto subscription = pair.called.ticked.subscribe([&](int number) {
    answer = pair.called.add(number, 1).call();
    done.raise();
  });
  pair.open();
  pair.served.work.handle([&](int number) {
    pair.served.ticked(number).post();
    return number;
  });
  pair.called.work(41).call();
  ASSERT_TRUE(done.await());
  EXPECT_EQ(answer, 42);
}

TEST_P(NestedCalls, of_a_coroutine_handler_work_with_one_worker_each) {
  Pair pair(url());
  pair.served.work.handle([&](int number) -> Task<int> {
    if (number == 0) co_return 0;
    const auto nested = pair.called_desk.work(number - 1);
    co_return co_await nested + 1;
  });
  pair.desk.work.handle([&](int number) -> Task<int> {
    if (number == 0) co_return 0;
    const auto nested = pair.called.work(number - 1);
    co_return co_await nested + 1;
  });
  EXPECT_EQ(pair.called.work(10).call(), 10);
  std::vector<AsyncResult<int>> many;
  for (int i = 0; i < 20; ++i) many.push_back(pair.called.work(5).async());
  for (const auto& one : many) EXPECT_EQ(one.get(), 5);
}

TEST_P(NestedCalls, inherit_the_priority_of_their_call) {
  Notes order;
  Pair pair(url());
  Stage stage;
  pair.desk.other.handle([&](int number) { return stage(number); });
  pair.desk.work.handle([&](int number) {
    order.add(std::to_string(number));
    return number;
  });
  pair.served.work.handle([&](int number) {
    static_cast<void>(pair.called_desk.work(number).async());
    return number;
  });
  pair.open();
  pair.body.wait_open(generous);
  const auto holding = pair.called_desk.other(0).async();
  ASSERT_TRUE(stage.await(1));
  pair.called.work(1).call();
  pair.called.work(2).call({.priority = Priority::low});
  pair.called.work(3).call({.priority = Priority::high});
  // What the body has sent is taken off the link before its reply to this.
  pair.called.nothing().call();
  stage.open();
  ASSERT_TRUE(order.await(3));
  EXPECT_EQ(order.lines(), (std::vector<std::string>{"3", "1", "2"}));
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(NestedCalls);

}  // namespace
}  // namespace vagus::testing
