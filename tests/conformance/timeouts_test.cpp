#include <stop_token>
#include <thread>

#include <vagus/testing/fake_clock.hpp>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

class Timeouts : public Conformance {};

TEST_P(Timeouts, end_a_call_at_its_deadline) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.open();
  const auto began = Deadline::now();
  try {
    pair.called.work(1).call({.timeout = 50ms});
    FAIL() << "nothing was thrown";
  } catch (const TransactionTimeout& error) {
    EXPECT_EQ(error.name_space(), "sample.work");
    EXPECT_EQ(error.execution(), Execution::unknown);
    EXPECT_TRUE(error.id());
  }
  EXPECT_GE(Deadline::now() - began, Duration(50ms));
  EXPECT_LT(Deadline::now() - began, Duration(generous));
}

TEST_P(Timeouts, are_the_same_for_an_async_call) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  const auto pending = pair.called.work(1).async({.timeout = 50ms});
  EXPECT_THROW(pending.get(), TransactionTimeout);
  EXPECT_EQ(pending.state(), TransactionState::timed_out);
  EXPECT_GE(pending.elapsed(), Duration(50ms));
  const auto elapsed = pending.elapsed();
  EXPECT_EQ(pending.elapsed(), elapsed);  // it has ended
}

TEST_P(Timeouts, a_late_reply_is_counted_and_dropped) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.open();
  const auto pending = pair.called.work(1).async({.timeout = 20ms});
  EXPECT_THROW(pending.get(), TransactionTimeout);
  // Its id is kept for the answer, a moment after the caller was told.
  while (pair.head.transactions().reserved() == 0) std::this_thread::yield();
  stage.open();
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);  // one worker: comes after the late reply
  EXPECT_EQ(pair.head.stats().late_replies, 1u);
  EXPECT_EQ(pair.head.stats().unknown_replies, 0u);
  EXPECT_EQ(pair.head.transactions().reserved(), 0u);
  EXPECT_THROW(pending.get(), TransactionTimeout);  // still
}

TEST_P(Timeouts, a_request_whose_deadline_has_passed_is_not_run) {
  Tally ran;
  Pair pair(url());
  Pulse pulse(pair);
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.served.other.handle([&](int number) {
    ran.add();
    return number;
  });
  const auto first = pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  EXPECT_THROW(pair.called.other(1).call({.timeout = 20ms}), TransactionTimeout);
  pulse.beat();  // the body has heard that the caller gave up, should its own clock be behind
  stage.open();
  EXPECT_EQ(first.get(), 1);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(ran.count(), 0u);
  EXPECT_EQ(pair.body.stats().requests_expired, 1u);
}

TEST_P(Timeouts, one_that_has_passed_already_sends_nothing) {
  Pair pair(url());
  pair.open();
  for (const auto timeout : {Duration(-1s), Duration(0)}) {
    const auto error = error_of(pair.called.add(1, 1), {.timeout = timeout});
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::transaction_timeout);
    EXPECT_EQ(error->execution(), Execution::not_sent);
  }
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(pair.body.stats().requests_received, 1u);
}

/// What the handler knows of the time that its caller gives it.
Duration time_given(Pair& pair, const CallOptions& options = {}) {
  Duration left{};
  pair.served.work.handle([&](Call& call, int number) {
    left = call.deadline().remaining();
    return number;
  });
  pair.called.work(1).call(options);
  return left;
}

TEST_P(Timeouts, travel_with_the_request_as_time_remaining) {
  Pair pair(url());
  const auto left = time_given(pair, {.timeout = 3600s});
  EXPECT_LE(left, Duration(3600s));
  EXPECT_GT(left, Duration(3500s));
  EXPECT_EQ(time_given(pair, {.timeout = no_timeout}), no_timeout);
}

TEST_P(Timeouts, come_from_the_nearest_level_that_sets_one) {
  {
    Pair pair(url());
    const auto left = time_given(pair);
    EXPECT_LE(left, default_timeout);
    EXPECT_GT(left, Duration(10s));
  }
  {
    Pair pair(unique_url(GetParam()), {.head = {.timeout = 500s}});
    const auto left = time_given(pair);
    EXPECT_TRUE(left <= Duration(500s) && left > Duration(400s));
  }
  {
    Pair pair(unique_url(GetParam()), {.head = {.timeout = 500s}, .called = {.timeout = 1000s}});
    const auto left = time_given(pair);
    EXPECT_TRUE(left <= Duration(1000s) && left > Duration(900s));
    const auto given = time_given(pair, {.timeout = 2000s});
    EXPECT_TRUE(given <= Duration(2000s) && given > Duration(1900s));
    const auto again = time_given(pair);  // what was given for one call does not stick
    EXPECT_LE(again, Duration(1000s));
  }
}

TEST_P(Timeouts, a_nested_call_inherits_what_remains) {
  Duration left{};
  Duration longer{};
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) {
    left = call.deadline().remaining();
    return number;
  });
  pair.served.work.handle([&](Call& call, int number) {
    longer = call.deadline().remaining();
    return pair.called_desk.work(number).call({.timeout = 7200s});
  });
  pair.open();
  EXPECT_EQ(pair.called.work(5).call({.timeout = 100s}), 5);
  EXPECT_LE(longer, Duration(100s));
  EXPECT_LE(left, Duration(100s));
  EXPECT_GT(left, Duration(50s));
}

TEST_P(Timeouts, a_nested_call_has_none_after_its_callers_deadline) {
  Notes nested;
  Flag begun;
  Flag given_up;
  Pair pair(url(), {.workers = 2});
  Stage stage;
  pair.desk.work.handle([&](int number) { return stage(number); });
  pair.served.work.handle([&](int number) {
    begun.raise();
    const auto result = pair.called_desk.work(number).try_call();
    nested.add(result.has_value() ? "value" : to_string(result.error().code()));
    given_up.await();  // else the caller, if it is slow to wake, may find the answer before its own deadline
    return number;
  });
  time_out_once_begun(begun, [&](Duration timeout) {
    EXPECT_THROW(pair.called.work(1).call({.timeout = timeout}), TransactionTimeout);
  });
  given_up.raise();
  ASSERT_TRUE(nested.await(1));
  // By its own deadline, or by word from the caller that this has passed: whichever is noticed first.
  const std::string ended = nested.lines().at(0);
  EXPECT_TRUE(ended == "TransactionTimeout" || ended == "TransactionCancelled") << ended;
}

class Cancelling : public Conformance {};

TEST_P(Cancelling, fails_the_call_at_once_and_tells_the_handler) {
  Flag inside;
  Flag told;
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    inside.raise();
    std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
    told.await();
    EXPECT_TRUE(call.stop_requested());
    return number;
  });
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(inside.await());
  EXPECT_TRUE(pending.cancel());
  EXPECT_TRUE(pending.ready());
  EXPECT_EQ(pending.state(), TransactionState::cancelled);
  EXPECT_THROW(pending.get(), TransactionCancelled);
  EXPECT_TRUE(told.await());
  EXPECT_FALSE(pending.cancel());
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(Cancelling, ends_an_interruptible_wait_of_the_handler) {
  Flag inside;
  Notes ended;
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    inside.raise();
    try {
      call.sleep_for(1h);
      ended.add("slept");
    } catch (const TransactionCancelled&) {
      ended.add("cancelled");
    }
    return number;
  });
  const auto pending = pair.called.work(1).async({.timeout = no_timeout});
  ASSERT_TRUE(inside.await());
  pending.cancel();
  ASSERT_TRUE(ended.await(1));
  EXPECT_EQ(ended.lines(), std::vector<std::string>{"cancelled"});
}

TEST_P(Cancelling, happens_by_the_callers_deadline_too) {
  Flag inside;
  Flag told;
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    inside.raise();
    std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
    told.await();
    return number;
  });
  time_out_once_begun(inside, [&](Duration timeout) {
    static_cast<void>(pair.called.work(1).try_call({.timeout = timeout}));
  });
  EXPECT_TRUE(told.await());
}

TEST_P(Cancelling, happens_by_the_end_of_the_caller_too) {
  RecordedLog log;
  SampleApi served("sample");
  Flag inside;
  Flag told;
  served.work.handle([&](Call& call, int number) {
    std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
    inside.raise();
    told.await();
    return number;
  });
  ApiArb body(listen(url()), {.log = log.log()});
  body.attach(served);
  body.start();
  {
    SampleApi called("sample");
    ApiArb head(connect(url()), {.log = log.log()});
    head.attach(called);
    static_cast<void>(called.work(1).async());
    ASSERT_TRUE(inside.await());
  }
  EXPECT_TRUE(told.await());
}

TEST_P(Cancelling, of_a_call_that_waits_for_its_peer_works) {
  SampleApi called("sample");
  ApiArb head(connect(url()));
  head.attach(called);
  const auto pending = called.add(1, 1).async();
  EXPECT_FALSE(pending.ready());
  EXPECT_TRUE(pending.cancel());
  EXPECT_THROW(pending.get(), TransactionCancelled);
  EXPECT_EQ(pending.error()->execution(), Execution::not_sent);
}

TEST_P(Cancelling, of_a_call_that_has_ended_changes_nothing) {
  Pair pair(url());
  const auto pending = pair.called.add(1, 1).async();
  EXPECT_EQ(pending.get(), 2);
  EXPECT_FALSE(pending.cancel());
  EXPECT_EQ(pending.get(), 2);
}

TEST_P(Cancelling, calls_the_callback_once) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  Notes outcomes;
  const auto pending = pair.called.work(1).async(
      [&](const Result<int>& result) { outcomes.add(to_string(result.error().code())); });
  ASSERT_TRUE(stage.await(1));
  pending.cancel();
  ASSERT_TRUE(outcomes.await(1));
  stage.open();
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(outcomes.lines(), std::vector<std::string>{"TransactionCancelled"});
}

TEST_P(Cancelling, reaches_a_nested_call) {
  Flag inside;
  Flag told;
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) {
    std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
    inside.raise();
    told.await();
    return number;
  });
  pair.served.work.handle([&](int number) -> Task<int> {
    const auto nested = pair.called_desk.work(number);
    co_return co_await nested;
  });
  pair.open();
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(inside.await());
  pending.cancel();
  EXPECT_TRUE(told.await());
}

class ExpiredRequests : public Conformance {};

TEST_P(ExpiredRequests, are_not_run_though_nobody_cancels_them) {
  using Array = Value::Array;
  FakeClock clock{Pace::running};
  const ClockInUse in_use{clock};
  Tally ran;
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.served.other.handle([&](int number) {
    ran.add();
    return number;
  });
  pair.body.start();
  RawHead raw(url());
  raw->open();
  raw->send(Array{0, 1, "sample.work", Array{5}});
  ASSERT_TRUE(stage.await(1));
  raw->send(Array{0, 2, "sample.other", Array{6}, Value::Map{{1, 10'000'000}}});  // in microseconds
  while (pair.body.stats().requests_waiting == 0) std::this_thread::yield();
  clock.advance(11s);
  stage.open();
  int answers = 0;
  for (; answers < 2; ++answers) {
    const auto answer = raw->receive_call();
    ASSERT_TRUE(answer.has_value());
    const bool expired = answer->array().at(1) == Value(2);
    EXPECT_EQ(answer->array().at(2) != Value(nullptr), expired) << to_string(*answer);
  }
  EXPECT_EQ(ran.count(), 0u);
  EXPECT_EQ(pair.body.stats().requests_expired, 1u);
}

VAGUS_OVER_EACH_TRANSPORT(ExpiredRequests);
VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Timeouts);
VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Cancelling);

}  // namespace
}  // namespace vagus::testing
