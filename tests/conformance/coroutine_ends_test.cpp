// Coroutines that are given up, and what becomes of the calls that they await.

#include <stop_token>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

// Actions are built in variables first: see the note at vagus::Task.

Task<int> one_call(const SampleApi& api, int number) {
  const auto work = api.work(number);
  co_return co_await work;
}

Task<int> within_another(const SampleApi& api, int number) {
  const int result = co_await one_call(api, number);
  co_return result + 100;
}

/// Says when it has been unwound.
Task<void> waiting(const SampleApi& api, Tally& unwound) {
  const AtExit leaving([&] { unwound.add(); });
  const auto work = api.work(1);
  co_await work;
}

/// Serves `work`: stays until nobody waits for it any more. To be declared before the pair.
struct Patient {
  void serve(Pair& pair) {
    pair.served.work.handle([this](Call& call, int number) {
      const std::stop_callback on_stop(call.stop_token(), [this] { told.raise(); });
      inside.raise();
      told.await();
      return number;
    });
  }
  Flag inside;
  Flag told;
};

class CoroutinesThatEnd : public Conformance {};

TEST_P(CoroutinesThatEnd, that_are_dropped_cancel_their_call_and_the_handler_is_told) {
  Tally unwound;
  Patient patient;
  Pair pair(url());
  patient.serve(pair);
  {
    auto task = waiting(pair.called, unwound);
    task.start();
    ASSERT_TRUE(patient.inside.await());
    EXPECT_EQ(unwound.count(), 0u);
  }
  EXPECT_TRUE(patient.told.await());
  EXPECT_TRUE(unwound.await(1));
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(pair.head.transactions().pending(), 0u);
  EXPECT_EQ(pair.head.stats().late_replies, 1u);
}

TEST_P(CoroutinesThatEnd, that_are_cancelled_cancel_the_call_of_whatever_they_await) {
  Flag ended;
  Patient patient;
  Pair pair(url());
  patient.serve(pair);
  auto task = within_another(pair.called, 1);
  task.start([&] { ended.raise(); });
  ASSERT_TRUE(patient.inside.await());
  EXPECT_FALSE(task.done());
  task.cancel();
  EXPECT_TRUE(patient.told.await());
  ASSERT_TRUE(ended.await());
  EXPECT_THROW(task.take(), TransactionCancelled);
}

TEST_P(CoroutinesThatEnd, that_go_on_after_they_were_cancelled_get_no_answer_any_more) {
  Flag ended;
  Patient patient;
  Pair pair(url());
  patient.serve(pair);
  pair.served.other.handle([](int number) { return number; });
  const auto coroutine = [&]() -> Task<std::string> {
    std::string story;
    const auto work = pair.called.work(0);
    try {
      co_await work;
      story += "value ";
    } catch (const TransactionCancelled&) {
      story += "cancelled ";
    }
    for (int i = 0; i < 20; ++i) {
      const auto other = pair.called.other(i);
      try {
        co_await other;
        story += "value ";
      } catch (const TransactionCancelled&) {
        story += "c";
      }
    }
    co_return story;
  };
  auto task = coroutine();
  task.start([&] { ended.raise(); });
  ASSERT_TRUE(patient.inside.await());
  task.cancel();
  ASSERT_TRUE(ended.await());
  EXPECT_EQ(task.take(), "cancelled " + std::string(20, 'c'));
}

TEST_P(CoroutinesThatEnd, may_be_dropped_at_any_moment) {
  Tally unwound;
  Pair pair(url(), {.workers = 2});
  pair.served.work.handle([](int number) { return number; });
  pair.open();
  for (std::size_t i = 0; i < 300; ++i) {
    auto task = waiting(pair.called, unwound);
    task.start();
    if (i % 3 == 1) std::this_thread::yield();
    if (i % 3 == 2) unwound.await(i + 1);
  }
  EXPECT_TRUE(unwound.await(300));
  EXPECT_EQ(pair.head.transactions().pending(), 0u);
}

TEST_P(CoroutinesThatEnd, end_with_their_arbitrator) {
  Tally unwound;
  Flag ended;
  Patient patient;
  Pair pair(url());
  patient.serve(pair);
  auto task = waiting(pair.called, unwound);
  task.start([&] { ended.raise(); });
  ASSERT_TRUE(patient.inside.await());
  pair.head.stop();
  ASSERT_TRUE(ended.await());
  EXPECT_THROW(task.take(), TransportFinishedError);
  EXPECT_EQ(unwound.count(), 1u);
  EXPECT_THROW(one_call(pair.called, 1).get(), TransportFinishedError);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(CoroutinesThatEnd);

}  // namespace
}  // namespace vagus::testing
