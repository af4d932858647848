#include <atomic>
#include <numeric>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class Events : public Conformance {};

std::vector<std::string> numbers(int count) {
  std::vector<std::string> lines;
  for (int i = 0; i < count; ++i) lines.push_back(std::to_string(i));
  return lines;
}

TEST_P(Events, are_handled_in_the_order_in_which_they_were_sent) {
  Notes seen;
  Pair pair(url());
  const auto subscription =
      pair.called.ticked.subscribe([&](int number) { seen.add(std::to_string(number)); });
  pair.called.nothing().call();
  for (int i = 0; i < 500; ++i) pair.served.ticked(i).post();
  ASSERT_TRUE(seen.await(500));
  EXPECT_EQ(seen.lines(), numbers(500));
}

TEST_P(Events, reach_every_subscriber) {
  Notes one;
  Notes two;
  Pair pair(url());
  const auto first = pair.called.ticked.subscribe([&](int number) { one.add(std::to_string(number)); });
  const auto second = pair.called.ticked.subscribe([&](int number) { two.add(std::to_string(number)); });
  pair.called.nothing().call();
  for (int i = 0; i < 20; ++i) pair.served.ticked(i)();
  ASSERT_TRUE(one.await(20) && two.await(20));
  EXPECT_EQ(one.lines(), numbers(20));
  EXPECT_EQ(two.lines(), numbers(20));
}

TEST_P(Events, reach_every_api_that_subscribes) {
  Pair pair(url());
  SampleApi another("sample");
  pair.head.attach(another);
  Flag one;
  Flag two;
  const auto first = pair.called.ticked.subscribe([&](int) { one.raise(); });
  const auto second = another.ticked.subscribe([&](int) { two.raise(); });
  pair.called.nothing().call();
  pair.served.ticked(1).post();
  EXPECT_TRUE(one.await());
  EXPECT_TRUE(two.await());
}

TEST_P(Events, reach_every_peer_that_listens) {
  Pair pair(url());
  RecordedLog log;
  SampleApi called("sample");
  ApiArb head(connect(url()), {.log = log.log()});
  head.attach(called);
  Flag one;
  Flag two;
  const auto first = pair.called.ticked.subscribe([&](int) { one.raise(); });
  const auto second = called.ticked.subscribe([&](int) { two.raise(); });
  pair.called.nothing().call();
  called.nothing().call();
  pair.served.ticked(1).post();
  EXPECT_TRUE(one.await());
  EXPECT_TRUE(two.await());
  EXPECT_EQ(pair.body.stats().messages_posted, 2u);
}

TEST_P(Events, go_from_the_head_to_the_body_as_well) {
  Notes seen;
  Pair pair(url());
  const auto subscription = pair.served.said.subscribe(
      [&](const std::string& text, int times) { seen.add(text + std::to_string(times)); });
  pair.open();
  pair.called.said("hello", 3).post();
  ASSERT_TRUE(seen.await(1));
  EXPECT_EQ(seen.lines(), std::vector<std::string>{"hello3"});
}

TEST_P(Events, may_be_sent_to_one_peer_only) {
  Pair pair(url());
  RecordedLog log;
  SampleApi called("sample");
  ApiArb head(connect(url()), {.name = "second", .log = log.log()});
  head.attach(called);
  Tally one;
  Tally two;
  const auto first = pair.called.ticked.subscribe([&](int) { one.add(); });
  const auto second = called.ticked.subscribe([&](int) { two.add(); });
  pair.called.nothing().call();
  called.nothing().call();
  for (const Peer& peer : pair.body.peers()) {
    if (peer.name == "second") pair.served.ticked(1).to(peer).post();
  }
  ASSERT_TRUE(two.await(1));
  pair.called.nothing().call();
  EXPECT_EQ(one.count(), 0u);
}

TEST_P(Events, that_nobody_listens_to_succeed_and_are_counted) {
  Pair pair(url());
  pair.served.ticked(1).post();  // there may be no link even
  pair.open();
  pair.body.wait_open(generous);
  pair.served.ticked(2).post();
  pair.served.ticked(3)();
  EXPECT_EQ(pair.body.stats().events_unheard, 3u);
  EXPECT_EQ(pair.body.stats().messages_posted, 0u);
}

TEST_P(Events, end_with_their_registration) {
  Tally seen;
  Pair pair(url());
  auto subscription = pair.called.ticked.subscribe([&](int) { seen.add(); });
  pair.called.nothing().call();
  pair.served.ticked(1).post();
  ASSERT_TRUE(seen.await(1));
  subscription.reset();
  pair.called.nothing().call();  // what was told before arrives before
  pair.served.ticked(2).post();
  EXPECT_EQ(pair.body.stats().events_unheard, 1u);
  pair.called.nothing().call();
  EXPECT_EQ(seen.count(), 1u);
}

TEST_P(Events, a_subscription_precedes_any_later_call_of_its_thread) {
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    pair.served.ticked(number).post();
    return number;
  });
  pair.open();
  for (int i = 0; i < 50; ++i) {
    Flag seen;
    const auto subscription = pair.called.ticked.subscribe([&](int) { seen.raise(); });
    pair.called.work(i).call();
    ASSERT_TRUE(seen.await()) << "in round " << i;
  }
  EXPECT_EQ(pair.body.stats().events_unheard, 0u);
}

TEST_P(Events, sent_before_a_reply_are_handled_or_queued_before_its_caller_goes_on) {
  Pair pair(url(), {.called = {.workers = 0}});  // inline: queued means handled
  std::atomic<int> seen{-1};
  const auto subscription = pair.called.ticked.subscribe([&](int number) { seen = number; });
  pair.served.work.handle([&](int number) {
    pair.served.ticked(number).post();
    return number;
  });
  for (int i = 0; i < 200; ++i) {
    pair.called.work(i).call();
    ASSERT_EQ(seen, i);
  }
}

TEST_P(Events, do_not_overlap_however_many_workers_there_are) {
  Crowd crowd;
  Tally seen;
  Pair pair(url(), {.called = {.workers = 4}});
  const auto subscription = pair.called.ticked.subscribe([&](int) {
    crowd.enter();
    std::this_thread::yield();
    crowd.leave();
    seen.add();
  });
  pair.called.nothing().call();
  for (int i = 0; i < 300; ++i) pair.served.ticked(i).post();
  ASSERT_TRUE(seen.await(300));
  EXPECT_EQ(crowd.most(), 1);
}

TEST_P(Events, of_a_concurrent_subscription_overlap) {
  Pair pair(url(), {.called = {.workers = 3}});
  Stage stage;
  const auto subscription =
      pair.called.ticked.subscribe([&](int number) { stage(number); }, {.concurrent = true});
  pair.called.nothing().call();
  for (int i = 0; i < 3; ++i) pair.served.ticked(i).post();
  EXPECT_TRUE(stage.await(3));
  stage.open();  // the registration waits for them
}

TEST_P(Events, a_handler_that_throws_is_logged_and_the_next_one_comes) {
  Tally seen;
  Pair pair(url());
  const auto subscription = pair.called.ticked.subscribe([&](int number) {
    seen.add();
    if (number == 0) throw std::runtime_error("out of the subscriber");
    if (number == 1) throw 17;
  });
  pair.called.nothing().call();
  for (int i = 0; i < 3; ++i) pair.served.ticked(i).post();
  EXPECT_TRUE(seen.await(3));
  EXPECT_TRUE(pair.head_log.transcript().await_line("out of the subscriber"));
  EXPECT_EQ(pair.head.stats().handlers_failed, 2u);
}

TEST_P(Events, above_the_queue_of_the_api_are_dropped_and_counted) {
  Tally seen;
  Pair pair(url(), {.called = {.queue = 10}});
  Stage stage;
  const auto subscription = pair.called.ticked.subscribe([&](int number) {
    stage(number);
    seen.add();
  });
  pair.called.nothing().call();
  pair.served.ticked(0).post();
  ASSERT_TRUE(stage.await(1));
  for (int i = 1; i < 31; ++i) pair.served.ticked(i).post();
  pair.called.nothing().call();  // they have all arrived
  EXPECT_EQ(pair.head.stats().messages_dropped, 20u);
  stage.open();
  EXPECT_TRUE(seen.await(11));
}

TEST_P(Events, in_order_stay_so_next_to_calls_of_the_same_api) {
  Notes seen;
  Pair pair(url(), {.called = {.workers = 4}});
  const auto subscription =
      pair.called.ticked.subscribe([&](int number) { seen.add(std::to_string(number)); });
  std::atomic<int> next{0};
  pair.served.work.handle([&](int number) {
    pair.served.ticked(next++).post();
    return number;
  });
  for (int i = 0; i < 200; ++i) pair.called.work(i).call();
  ASSERT_TRUE(seen.await(200));
  EXPECT_EQ(seen.lines(), numbers(200));
}

TEST_P(Events, with_wrong_arguments_are_counted_and_hurt_nobody) {
  Tally seen;
  Pair pair(url());
  const auto subscription = pair.served.ticked.subscribe([&](int) { seen.add(); });
  pair.open();
  pair.head.proxy("sample").action("ticked", "no number").post();
  pair.called.ticked(1).post();
  ASSERT_TRUE(seen.await(1));
  EXPECT_EQ(pair.body.stats().messages_dropped, 1u);
}

/// A subscriber that is held up in its first event until it is let go on, and writes down what it gets.
struct SlowSubscriber {
  void operator()(Call& call, int number) {
    heard.add(std::to_string(number) + " after " + std::to_string(call.missed()) + " lost");
    if (!begun.raised()) {
      begun.raise();
      go_on.await();
    }
  }
  Flag begun;
  Flag go_on;
  Notes heard;
};

class SlowSubscribers : public Conformance {
 protected:
  /// What a subscriber hears that is held up in the first of ten events.
  std::vector<std::string> heard_of_ten(const SubscribeOptions& options, const std::string& last) {
    SlowSubscriber slow;
    Pair pair(url());
    pair.open();
    Pulse pulse(pair);
    const auto listening =
        pair.called.ticked.subscribe([&](Call& call, int number) { slow(call, number); }, options);
    pair.called.nothing().call();
    pair.served.ticked(0).post();
    EXPECT_TRUE(slow.begun.await());
    for (int number = 1; number < 10; ++number) pair.served.ticked(number).post();
    pulse.beat();  // all have arrived
    slow.go_on.raise();
    EXPECT_TRUE(slow.heard.await_line(last));
    pair.served.ticked(10).post();
    EXPECT_TRUE(slow.heard.await_line("10 after"));
    EXPECT_EQ(pair.head.stats().messages_dropped, 10 - slow.heard.lines().size() + 1);
    return slow.heard.lines();
  }
};

TEST_P(SlowSubscribers, lose_the_newest_and_are_told_how_many) {
  EXPECT_EQ(heard_of_ten({.queue = 3}, "3 after"),
            (std::vector<std::string>{"0 after 0 lost", "1 after 6 lost", "2 after 0 lost", "3 after 0 lost",
                                      "10 after 0 lost"}));
}

TEST_P(SlowSubscribers, lose_the_oldest_if_they_want_the_latest) {
  EXPECT_EQ(heard_of_ten({.queue = 3, .lost = Lost::oldest}, "9 after"),
            (std::vector<std::string>{"0 after 0 lost", "7 after 6 lost", "8 after 0 lost", "9 after 0 lost",
                                      "10 after 0 lost"}));
}

TEST_P(SlowSubscribers, that_are_concurrent_have_no_queue_of_their_own) {
  Pair pair(url());
  EXPECT_THROW(static_cast<void>(pair.called.ticked.subscribe([](int) {}, {.concurrent = true, .queue = 3})),
               ApiParamError);
}

VAGUS_OVER_EACH_TRANSPORT(SlowSubscribers);

VAGUS_OVER_EACH_TRANSPORT(Events);

}  // namespace
}  // namespace vagus::testing
