// An ApiArb that is served by a loop of the program's own.

#include "conformance/foreign_loops.hpp"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/process.hpp"

namespace vagus::testing {
namespace {

/// Waits until so many requests have been read.
bool await_requests(const ApiArb& arb, std::uint64_t count) {
  const auto end = std::chrono::steady_clock::now() + generous;
  while (arb.stats().requests_received < count) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

class GaugeApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  Property<int> level{this, "level"};
};

class ForeignLoops : public Conformance {};

// Who runs what
// ------------------------------------------------------------------------------------------------------------

TEST_P(ForeignLoops, run_handlers_on_the_thread_that_processes) {
  for (const unsigned workers : {0u, 1u, 4u}) {
    Threads threads;
    Pair pair(unique_url(GetParam()), {.workers = workers, .body = {.loop = Loop::foreign}});
    pair.served.work.handle([&](int number) {
      threads.note();
      return number + 1;
    });
    std::vector<AsyncResult<int>> calls;
    for (int number = 0; number < 20; ++number) calls.push_back(pair.called.work(number).async());
    for (int number = 0; number < 20; ++number) {
      EXPECT_EQ(served_result(pair.body, calls[static_cast<std::size_t>(number)]), number + 1);
    }
    EXPECT_EQ(threads.noted(), 20);
    EXPECT_EQ(threads.elsewhere(), 0);
  }
}

TEST_P(ForeignLoops, run_event_subscribers_there_in_order) {
  Threads threads;
  std::vector<int> heard;
  Pair pair(url(), foreign_head);
  const auto subscription = pair.called.ticked.subscribe([&](int number) {
    threads.note();
    heard.push_back(number);
  });
  pair.open();
  pair.body.wait_open(generous);
  for (int number = 0; number < 50; ++number) pair.served.ticked(number).post();
  ASSERT_TRUE(serve_until(pair.head, [&] { return heard.size() == 50; }));
  for (int number = 0; number < 50; ++number) EXPECT_EQ(heard[static_cast<std::size_t>(number)], number);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, run_subscribers_to_patterns_and_observers_there) {
  Threads threads;
  Notes seen;
  GaugeApi held("gauge");
  GaugeApi shown("gauge");
  Pair pair(url(), foreign_head);
  held.level.update(7);
  pair.body.attach(held);
  pair.head.attach(shown);
  const auto listening = pair.head.subscribe("sample.*", [&](const HeardEvent& event) {
    threads.note();
    seen.add(event.name_space);
  });
  const auto viewing = shown.level.observe([&](int level) {
    threads.note();
    seen.add("level " + std::to_string(level));
  });
  served_result(pair.head, pair.called.nothing().async());
  pair.served.ticked(1).post();
  EXPECT_TRUE(
      serve_until(pair.head, [&] { return seen.contains("sample.ticked") && seen.contains("level 7"); }));
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, run_callbacks_there) {
  Threads threads;
  Pair pair(url(), foreign_head);
  int sum = 0;
  const auto add = [&](const Result<int>& result) {
    threads.note();
    sum += result.value();
  };
  pair.called.add(1, 2).async(add);
  pair.head.proxy("sample").action("add", 3, 4).async<int>(add);
  const auto third = pair.called.add(5, 6).async();
  third.then(add);
  ASSERT_TRUE(serve_until(pair.head, [&] { return threads.noted() == 3; }));
  EXPECT_EQ(sum, 21);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, run_callbacks_of_calls_that_fail_there) {
  Threads threads;
  Pair pair(url(), foreign_head);
  Stage stage;
  pair.served.work.handle(std::ref(stage));
  ErrorPtr timed_out;
  ErrorPtr cancelled;
  pair.called.work(1).async(
      [&](const Result<int>& result) {
        threads.note();
        timed_out = result.error_pointer();
      },
      {.timeout = 20ms});
  const auto second = pair.called.work(1).async([&](const Result<int>& result) {
    threads.note();
    cancelled = result.error_pointer();
  });
  second.cancel();
  ASSERT_TRUE(serve_until(pair.head, [&] { return threads.noted() == 2; }));
  stage.open();
  EXPECT_EQ(timed_out->code(), ErrorCode::transaction_timeout);
  EXPECT_EQ(cancelled->code(), ErrorCode::transaction_cancelled);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, run_state_listeners_there_in_order) {
  Threads threads;
  std::vector<LinkState> states;
  Pair pair(url(), foreign_head);
  const auto listening = pair.head.on_state([&](const LinkEvent& event) {
    threads.note();
    states.push_back(event.state);
  });
  pair.open();
  EXPECT_EQ(states.size(), 0u);
  ASSERT_TRUE(serve_until(pair.head, [&] { return states.size() == 2; }));
  EXPECT_EQ(states, (std::vector{LinkState::connecting, LinkState::open}));
  pair.head.stop();  // on the thread of the loop, which hears of this, too
  EXPECT_EQ(states.back(), LinkState::closed);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, run_hooks_there) {
  Threads threads;
  Pair pair(url(), foreign_body);
  pair.body.on_unhandled([&](Call&, const UnhandledCall&) -> std::optional<Value> {
    threads.note();
    return Value(7);
  });
  const auto unknown = pair.head.proxy("nowhere").action("at_all").async<int>();
  EXPECT_EQ(served_result(pair.body, unknown), 7);
  EXPECT_EQ(threads.noted(), 1);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, have_coroutines_go_on_there) {
  Threads threads;
  Pair pair(url(), {.body = {.loop = Loop::foreign}, .head = {.loop = Loop::foreign}});
  pair.desk.work.handle([](int number) { return number * 2; });
  pair.served.work.handle([&](int number) -> Task<int> {
    threads.note();
    const auto nested = pair.called_desk.work(number);
    const int answer = co_await nested;
    threads.note();
    co_return answer + 1;
  });
  const auto twice = [&]() -> Task<int> {
    const auto call = pair.called.work(10);
    const int first = co_await call;
    threads.note();
    const int second = co_await call;
    threads.note();
    co_return first + second;
  };
  auto task = twice();
  task.start();
  const auto end = std::chrono::steady_clock::now() + generous;
  while (!task.done() && std::chrono::steady_clock::now() < end) {
    if (readable(pair.body, 1ms)) pair.body.process();
    if (readable(pair.head, 1ms)) pair.head.process();
  }
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take(), 42);
  EXPECT_EQ(threads.noted(), 6);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, serve_local_calls_there) {
  Threads threads;
  Pair pair(url(), foreign_body);
  pair.served.work.handle([&](int number) {
    threads.note();
    return number + 1;
  });
  EXPECT_EQ(served_result(pair.body, pair.served.work(1).local().async()), 2);
  EXPECT_EQ(pair.served.work(2).local().call({.timeout = generous}),
            3);  // it is run by the thread that waits
  EXPECT_EQ(threads.noted(), 2);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, run_nothing_while_nobody_processes) {
  std::atomic<int> runs{0};
  Pair pair(url(), foreign_body);
  pair.served.work.handle([&](int number) {
    ++runs;
    return number;
  });
  pair.open();  // so that the caller itself gives up, and has told the body when it returns
  const auto error = error_of(pair.called.work(1), {.timeout = 50ms});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::transaction_timeout);
  EXPECT_EQ(runs, 0);
  ASSERT_TRUE(readable(pair.body, generous));
  for (const auto& answered : pair.head.ping(generous)) ASSERT_TRUE(answered.result);
  pair.body.process();  // its caller has given up, and what says so came before the ping
  EXPECT_EQ(runs, 0);
}

TEST_P(ForeignLoops, refuse_what_the_queue_does_not_hold) {
  Pair pair(url(), {.queue = 2, .body = {.loop = Loop::foreign}});
  pair.served.work.handle([](int number) { return number; });
  const auto first = pair.called.work(1).async();
  const auto second = pair.called.work(2).async();
  const auto error = error_of(pair.called.work(3));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::overloaded);
  EXPECT_EQ(served_result(pair.body, first), 1);
  EXPECT_EQ(served_result(pair.body, second), 2);
}

// The descriptor
// -------------------------------------------------------------------------------------------------------------

TEST_P(ForeignLoops, have_a_descriptor_that_is_readable_exactly_while_something_waits) {
  Pair pair(url(), foreign_body);
  pair.served.work.handle([](int number) { return number; });
  pair.open();
  pair.body.wait_open(generous);
  while (readable(pair.body)) pair.body.process();  // state events, of which nobody hears
  EXPECT_EQ(pair.body.process(), 0u);
  for (int round = 0; round < 20; ++round) {
    EXPECT_FALSE(readable(pair.body));
    const auto pending = pair.called.work(round).async();
    ASSERT_TRUE(readable(pair.body, generous));
    EXPECT_TRUE(readable(pair.body));  // it is not used up by a look
    EXPECT_EQ(pair.body.process(), 1u);
    EXPECT_FALSE(readable(pair.body));
    EXPECT_EQ(pending.get(generous), round);
  }
}

TEST_P(ForeignLoops, can_be_bounded_and_stay_readable_then) {
  int runs = 0;
  Pair pair(url(), foreign_body);
  pair.served.work.handle([&](int number) {
    ++runs;
    return number;
  });
  pair.open();
  pair.body.wait_open(generous);
  while (readable(pair.body)) pair.body.process();
  std::vector<AsyncResult<int>> calls;
  for (int number = 0; number < 10; ++number) calls.push_back(pair.called.work(number).async());
  Pulse pulse(pair);
  ASSERT_TRUE(await_requests(pair.body, 10));
  while (!readable(pair.body)) std::this_thread::yield();

  EXPECT_EQ(pair.body.process(0), 0u);
  EXPECT_EQ(pair.body.process(3), 3u);
  EXPECT_EQ(runs, 3);
  EXPECT_TRUE(readable(pair.body));
  EXPECT_EQ(pair.body.process_for(0ms), 1u);  // one at least: else it would never get on
  EXPECT_EQ(runs, 4);
  EXPECT_TRUE(readable(pair.body));
  ASSERT_TRUE(serve_until(pair.body, [&] { return runs == 10; }));
  for (const auto& call : calls) call.get(generous);
}

TEST_P(ForeignLoops, leave_for_the_next_time_what_comes_while_they_process) {
  int runs = 0;
  Pair pair(url(), foreign_head);
  pair.open();
  while (readable(pair.head)) pair.head.process();
  std::function<void(const Result<int>&)> again = [&](const Result<int>&) {
    ++runs;
    // What it leads to is there before process() returns, and would keep it for ever.
    const auto next = pair.called.add(1, 1).async();
    next.wait(generous);
    next.then(again);
  };
  pair.called.add(1, 1).async(again);
  for (int round = 1; round <= 5; ++round) {
    ASSERT_TRUE(readable(pair.head, generous));
    EXPECT_EQ(pair.head.process(), 1u);
    EXPECT_EQ(runs, round);
  }
  again = [](const Result<int>&) {};
}

TEST_P(ForeignLoops, are_refused_to_an_ApiArb_with_threads_of_its_own) {
  Pair pair(url());
  EXPECT_THROW(pair.body.descriptor(), std::logic_error);
  EXPECT_THROW(pair.body.process(), std::logic_error);
  EXPECT_THROW(pair.body.process_for(1ms), std::logic_error);
}

// Calls
// ------------------------------------------------------------------------------------------------------------

TEST_P(ForeignLoops, let_their_thread_make_calls_that_come_back_to_it) {
  Threads threads;
  Pair pair(url(), foreign_head);
  pair.served.work.handle(
      [&](int number) { return number == 0 ? 0 : pair.called_desk.work(number - 1).call() + 1; });
  pair.desk.work.handle([&](int number) {
    threads.note();
    return number == 0 ? 0 : pair.called.work(number - 1).call() + 1;
  });
  // Outside of process(), with nobody in it.
  for (int depth = 0; depth < 6; ++depth)
    EXPECT_EQ(pair.called.work(depth).call({.timeout = generous}), depth);
  EXPECT_EQ(pair.called.work(5).async().get(generous), 5);
  // And inside.
  int answer = 0;
  pair.called.nothing().async([&](const Result<void>&) { answer = pair.called.work(5).call(); });
  ASSERT_TRUE(serve_until(pair.head, [&] { return answer != 0; }));
  EXPECT_EQ(answer, 5);
  EXPECT_EQ(pair.called.work(5).call({.timeout = generous}), 5);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, take_what_comes_back_to_other_threads) {
  Threads threads;
  Pair pair(url(), foreign_head);
  pair.served.work.handle([&](int number) { return pair.called_desk.work(number).call(); });
  pair.desk.work.handle([&](int number) {
    threads.note();
    return number;
  });
  pair.head.process();  // this thread is that of the loop
  std::atomic<int> answer{0};
  std::thread other([&] { answer = pair.called.work(5).call({.timeout = generous}); });
  EXPECT_TRUE(serve_until(pair.head, [&] { return answer != 0; }));
  other.join();
  EXPECT_EQ(answer, 5);
  EXPECT_EQ(threads.noted(), 1);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, keep_what_is_independent_out_of_a_call_that_waits) {
  Pair pair(url(), foreign_head);
  std::vector<int> order;
  pair.desk.work.handle([&](int number) {
    order.push_back(number);
    return number;
  });
  pair.called.add(1, 1).async([&](const Result<int>&) { order.push_back(100); });
  pair.open();
  pair.body.wait_open(generous);
  const auto apart = pair.called_desk.work(300).async();  // of no chain
  ASSERT_TRUE(await_requests(pair.head, 1));
  EXPECT_EQ(pair.called.add(2, 2).call(), 4);
  EXPECT_TRUE(order.empty());
  ASSERT_TRUE(serve_until(pair.head, [&] { return order.size() == 2; }));
  EXPECT_EQ(apart.get(generous), 300);
}

TEST_P(ForeignLoops, let_their_thread_wait_for_a_task) {
  Threads threads;
  Pair pair(url(), foreign_head);
  const auto sum = [&]() -> Task<int> {
    const auto call = pair.called.add(1, 2);
    const int first = co_await call;
    threads.note();
    co_return first + co_await call;
  };
  EXPECT_EQ(sum().get(), 6);
  pair.head.process();
  EXPECT_EQ(sum().get(), 6);
  EXPECT_EQ(threads.noted(), 2);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoops, are_served_by_several_threads_as_by_so_many_workers) {
  Pair pair(url(), {.workers = 2, .body = {.loop = Loop::foreign}});
  Stage stage;
  pair.served.work.handle(std::ref(stage));
  std::vector<AsyncResult<int>> calls;
  for (int number = 0; number < 3; ++number) calls.push_back(pair.called.work(number).async());
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int count = 0; count < 3; ++count) {
    threads.emplace_back([&] { EXPECT_TRUE(serve_until(pair.body, [&] { return over.load(); })); });
  }
  EXPECT_TRUE(stage.await(2));
  stage.open();
  for (int number = 0; number < 3; ++number) {
    EXPECT_EQ(calls[static_cast<std::size_t>(number)].get(generous), number);
  }
  over = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(stage.most(), 2);  // the third found no worker to spare
}

TEST_P(ForeignLoops, may_be_processed_inside_of_a_handler) {
  std::vector<std::string> order;
  Pair pair(url(), foreign_body);
  SampleApi second("second");
  SampleApi called_second("second");
  second.work.handle([&](int number) {
    order.push_back("the other API");
    return number;
  });
  pair.body.attach(second);
  pair.head.attach(called_second);
  AsyncResult<int>* other = nullptr;
  pair.served.work.handle([&](int number) {
    if (number == 1) {
      order.push_back("begins");
      EXPECT_TRUE(serve_until(pair.body, [&] { return other->ready(); }));  // the loop of a dialog
      EXPECT_EQ(pair.body.process(), 0u);  // what waits for the one worker of this API goes on waiting
      order.push_back("ends");
    } else {
      order.push_back("the next");
    }
    return number;
  });
  const auto first = pair.called.work(1).async();
  const auto next = pair.called.work(2).async();
  auto apart = called_second.work(3).async();
  other = &apart;
  ASSERT_TRUE(await_requests(pair.body, 3));
  EXPECT_EQ(served_result(pair.body, first), 1);
  EXPECT_EQ(served_result(pair.body, next), 2);
  EXPECT_EQ(order, (std::vector<std::string>{"begins", "the other API", "ends", "the next"}));
}

TEST_P(ForeignLoops, that_is_run_serves_until_it_is_stopped) {
  Threads threads;
  Pair pair(url(), foreign_body);
  pair.served.work.handle([&](int number) {
    threads.note();
    return number;
  });
  pair.served.other.handle([&](int number) {
    threads.note();
    pair.body.stop();
    return number;
  });
  std::thread caller([&] {
    for (int number = 0; number < 20; ++number) EXPECT_EQ(pair.called.work(number).call(), number);
    EXPECT_EQ(pair.called.other(1).call(), 1);
  });
  pair.body.run();
  caller.join();
  EXPECT_EQ(threads.noted(), 21);
  EXPECT_EQ(threads.elsewhere(), 0);
}

// Taking away, and the end
// ---------------------------------------------------------------------------------------------------

TEST_P(ForeignLoops, wait_for_no_coroutine_that_only_they_can_end) {
  Pair pair(url(), foreign_body);
  Stage stage;
  pair.desk.work.handle(std::ref(stage));
  bool ended = false;
  pair.served.work.handle([&](int number) -> Task<int> {
    const auto nested = pair.called_desk.work(number);
    const int answer = co_await nested;
    ended = true;
    co_return answer;
  });
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(serve_until(pair.body, [&] { return pair.head.stats().requests_received == 1; }));
  EXPECT_TRUE(stage.await(1));
  stage.open();
  pair.served.work.clear();  // waits for the coroutine, which goes on meanwhile
  EXPECT_TRUE(ended);
  EXPECT_EQ(pending.get(generous), 1);
}

TEST_P(ForeignLoops, that_end_call_what_still_waits_to_be_called_back) {
  Threads threads;
  int answered = 0;
  int failed = 0;
  Pair pair(url(), foreign_head);
  Stage stage;
  pair.served.work.handle(std::ref(stage));
  const auto first = pair.called.add(1, 1).async([&](const Result<int>& result) {
    threads.note();
    answered += result.value();
  });
  ASSERT_TRUE(first.wait(generous));  // which runs no callback
  pair.called.work(1).async([&](const Result<int>& result) {
    threads.note();
    EXPECT_EQ(result.error().code(), ErrorCode::transport_finished);
    ++failed;
  });
  ASSERT_TRUE(stage.await(1));
  EXPECT_EQ(threads.noted(), 0);
  pair.head.stop();
  stage.open();
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(failed, 1);
  EXPECT_EQ(threads.elsewhere(), 0);
  EXPECT_EQ(pair.head.process(), 0u);
  EXPECT_FALSE(readable(pair.head));
}

TEST_P(ForeignLoops, that_end_answer_the_requests_that_wait) {
  int runs = 0;
  Pair pair(url(), foreign_body);
  pair.served.work.handle([&](int number) {
    ++runs;
    return number;
  });
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(await_requests(pair.body, 1));
  while (!readable(pair.body)) std::this_thread::yield();
  pair.body.stop();
  ASSERT_TRUE(pending.wait(generous));
  EXPECT_TRUE(pending.error());
  EXPECT_EQ(runs, 0);
}

TEST_P(ForeignLoops, that_end_have_suspended_coroutines_come_to_their_end) {
  bool told = false;
  Pair pair(url(), foreign_body);
  Stage stage;
  pair.desk.work.handle(std::ref(stage));
  pair.served.work.handle([&](int number) -> Task<int> {
    const auto nested = pair.called_desk.work(number);
    try {
      co_await nested;
    } catch (const Error&) {
      told = true;
    }
    co_return number;
  });
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(serve_until(pair.body, [&] { return pair.head.stats().requests_received == 1; }));
  EXPECT_TRUE(stage.await(1));
  pair.body.stop();
  EXPECT_TRUE(told);
  stage.open();
}

TEST_P(ForeignLoops, may_be_stopped_by_a_thread_that_is_not_theirs) {
  Pair pair(url(), foreign_body);
  Flag inside;
  pair.served.work.handle([&](Call& call, int number) {
    inside.raise();
    while (!call.stop_requested()) std::this_thread::yield();
    return number;
  });
  const auto pending = pair.called.work(1).async();
  std::atomic<bool> over{false};
  std::thread loop([&] { EXPECT_TRUE(serve_until(pair.body, [&] { return over.load(); })); });
  EXPECT_TRUE(inside.await());
  pair.body.stop();  // waits for the handler, over there
  over = true;
  loop.join();
  ASSERT_TRUE(pending.wait(generous));
}

TEST_P(ForeignLoops, may_be_destroyed_by_one_of_their_handlers) {
  SampleApi served("sample");
  SampleApi called("sample");
  auto body = std::make_unique<ApiArb>(listen(url()), ArbOptions{.loop = Loop::foreign});
  served.work.handle([&](int number) {
    body.reset();
    return number;
  });
  body->attach(served);
  body->start();
  ApiArb head(connect(url()));
  head.attach(called);
  const auto pending = called.work(1).async();
  ApiArb& loop = *body;
  const int descriptor = ::dup(loop.descriptor());
  while (body) {
    pollfd watched{descriptor, POLLIN, 0};
    ASSERT_EQ(::poll(&watched, 1, 30000), 1);
    loop.process();
  }
  ::close(descriptor);
  ASSERT_TRUE(pending.wait(generous));
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(ForeignLoops);

// Another process
// ------------------------------------------------------------------------------------------------------------

TEST(ForeignLoopsOfTwoProcesses, answer_a_head_and_call_it) {
  const std::string url = unique_url("shm");
  Process child([&] {
    SampleApi called("sample", {.timeout = generous});
    SampleApi desk("desk");
    desk.other.handle([](int number) { return number + 1; });
    ApiArb head(connect(url));
    head.attach(called);
    head.attach(desk);
    for (int number = 0; number < 50; ++number) EXPECT_EQ(called.work(number).call(), number + 2);
    called.ticked(1).post();
  });
  Threads threads;
  bool over = false;
  SampleApi served("sample");
  SampleApi called_desk("desk");
  served.work.handle([&](int number) {
    threads.note();
    return called_desk.other(number).call() + 1;
  });
  ApiArb body(listen(url), {.loop = Loop::foreign});
  body.attach(served);
  body.attach(called_desk);
  const auto subscription = served.ticked.subscribe([&](int) {
    threads.note();
    over = true;
  });
  body.start();
  EXPECT_TRUE(serve_until(body, [&] { return over; }));
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(threads.noted(), 51);
  EXPECT_EQ(threads.elsewhere(), 0);
}

}  // namespace
}  // namespace vagus::testing
