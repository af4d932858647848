#include <atomic>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class Workers : public Conformance {};

TEST_P(Workers, run_as_many_handlers_at_once_as_there_are_and_no_more) {
  for (const unsigned workers : {1u, 2u, 4u}) {
    Pair pair(unique_url(GetParam()), {.workers = workers});
    Pulse pulse(pair);
    Stage stage;
    pair.served.work.handle([&](int number) { return stage(number); });
    std::vector<AsyncResult<int>> pending;
    for (int i = 0; i < 8; ++i) pending.push_back(pair.called.work(i).async());
    EXPECT_TRUE(stage.await(static_cast<int>(workers)));
    pulse.beat();  // all have arrived
    stage.open();
    for (int i = 0; i < 8; ++i) EXPECT_EQ(pending[static_cast<std::size_t>(i)].get(), i);
    EXPECT_EQ(stage.most(), static_cast<int>(workers));
  }
}

TEST_P(Workers, a_busy_api_does_not_hold_up_another) {
  Pair pair(url());
  Pulse pulse(pair);
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 200; ++i) pending.push_back(pair.called.work(i).async());
  ASSERT_TRUE(stage.await(1));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(pulse.called.add(i, i).call(), 2 * i);
  stage.open();
  for (const auto& one : pending) one.get();
}

TEST_P(Workers, one_runs_requests_in_the_order_of_their_arrival) {
  Notes order;
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    order.add(std::to_string(number));
    return number;
  });
  std::vector<AsyncResult<int>> pending;
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    pending.push_back(pair.called.work(i).async());
    expected.push_back(std::to_string(i));
  }
  for (const auto& one : pending) one.get();
  EXPECT_EQ(order.lines(), expected);
}

TEST_P(Workers, take_what_has_the_higher_priority_first) {
  Notes order;
  Pair pair(url());
  Pulse pulse(pair);
  Stage stage;
  pair.served.other.handle([&](int number) { return stage(number); });
  pair.served.work.handle([&](int number) {
    order.add(std::to_string(number));
    return number;
  });
  const auto holding = pair.called.other(0).async();
  ASSERT_TRUE(stage.await(1));
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 2; ++i) {
    pending.push_back(pair.called.work(30 + i).async({.priority = Priority::low}));
    pending.push_back(pair.called.work(20 + i).async());
    pending.push_back(pair.called.work(10 + i).async({.priority = Priority::high}));
  }
  pulse.beat();
  stage.open();
  for (const auto& one : pending) one.get();
  EXPECT_EQ(order.lines(), (std::vector<std::string>{"10", "11", "20", "21", "30", "31"}));
}

TEST_P(Workers, never_overlap_a_serial_method_but_others_beside_it) {
  Crowd crowd;
  Tally ran;
  Pair pair(url(), {.workers = 4});
  Stage stage;
  pair.served.serial.handle([&](int number) {
    crowd.enter();
    stage(number);
    crowd.leave();
    ran.add();
    return number;
  });
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 6; ++i) pending.push_back(pair.called.serial(i).async());
  ASSERT_TRUE(stage.await(1));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pair.called.add(i, 1).call(), i + 1);
  stage.open();
  for (const auto& one : pending) one.get();
  EXPECT_EQ(ran.count(), 6u);
  EXPECT_EQ(crowd.most(), 1);
}

TEST_P(Workers, never_overlap_methods_of_a_serial_api) {
  RecordedLog log;
  SampleApi served("sample", {.workers = 4, .serial = true});
  Crowd crowd;
  const auto handler = [&](int number) {
    crowd.enter();
    std::this_thread::yield();
    crowd.leave();
    return number;
  };
  served.work.handle(handler);
  served.other.handle(handler);
  ApiArb body(listen(url()), {.log = log.log()});
  body.attach(served);
  body.start();
  SampleApi called("sample");
  ApiArb head(connect(url()), {.log = log.log()});
  head.attach(called);
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 100; ++i) {
    pending.push_back(called.work(i).async());
    pending.push_back(called.other(i).async());
  }
  for (const auto& one : pending) one.get();
  EXPECT_EQ(crowd.most(), 1);
}

TEST_P(Workers, a_coroutine_that_waits_keeps_its_serial_method_to_itself) {
  Crowd crowd;
  Pair pair(url(), {.workers = 4});
  pair.served.serial.handle([&](int number) -> Task<int> {
    crowd.enter();
    const auto nested = pair.called_desk.add(number, 1);
    const int result = co_await nested;
    crowd.leave();
    co_return result;
  });
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 20; ++i) pending.push_back(pair.called.serial(i).async());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(pending[static_cast<std::size_t>(i)].get(), i + 1);
  EXPECT_EQ(crowd.most(), 1);
}

TEST_P(Workers, refuse_what_their_queue_does_not_take_and_the_other_api_goes_on) {
  Pair pair(url(), {.workers = 1, .queue = 5});
  Pulse pulse(pair);
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  std::vector<AsyncResult<int>> pending;
  pending.push_back(pair.called.work(0).async());
  ASSERT_TRUE(stage.await(1));
  for (int i = 0; i < 5; ++i) pending.push_back(pair.called.work(i).async());
  pulse.beat();
  const auto error = error_of(pair.called.work(9));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::overloaded);
  EXPECT_EQ(error->execution(), Execution::not_run);
  pair.called.work(10).post();
  pulse.beat();
  EXPECT_EQ(pair.body.stats().messages_dropped, 1u);
  EXPECT_EQ(pulse.called.add(1, 2).call(), 3);
  stage.open();
  for (const auto& one : pending) one.get();
  EXPECT_EQ(pair.called.work(11).call(), 11);
}

TEST_P(Workers, none_means_inline_on_whatever_thread_reads) {
  Pair pair(url(), {.workers = 0});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pair.called.add(i, 1).call(), i + 1);
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 100; ++i) pending.push_back(pair.called.add(i, 1).async());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pending[static_cast<std::size_t>(i)].get(), i + 1);
}

TEST_P(Workers, run_handlers_on_no_thread_of_the_users) {
  Pair pair(url());
  const auto mine = std::this_thread::get_id();
  std::atomic<int> on_mine{0};
  const auto handler = [&](int number) {
    if (std::this_thread::get_id() == mine) ++on_mine;
    return number;
  };
  pair.served.work.handle(handler);
  pair.desk.work.handle(handler);
  pair.served.other.handle([&](int number) { return pair.called_desk.work(number).call(); });
  // The calling thread reads the link meanwhile.
  for (int i = 0; i < 50; ++i) {
    pair.called.work(i).call();
    pair.called.other(i).call();
  }
  EXPECT_EQ(on_mine, 0);
}

VAGUS_OVER_EACH_TRANSPORT(Workers);

}  // namespace
}  // namespace vagus::testing
