// A side that is ended and made anew, while the other goes on with the same objects.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "conformance/story.hpp"

namespace vagus::testing {
namespace {

/// A body with a stub of its heads' desk.
struct Body {
  explicit Body(const std::string& url, int number = 1)
      : arb(listen(url), {.name = "body", .log = log.log()}) {
    served.other.handle([number](int value) { return value * number; });
    arb.attach(served);
    arb.attach(desk);
    arb.start();
  }
  RecordedLog log;
  SampleService service;
  SampleApi served{"sample", {.workers = 2}};
  SampleApi desk{"desk"};
  Registration serving = serve(served, service);
  ApiArb arb;
};

/// A head with a desk.
struct Head {
  explicit Head(const std::string& url, int number = 1)
      : arb(connect(url), {.name = "head", .log = log.log()}) {
    desk.other.handle([number](int value) { return value * number; });
    arb.attach(called);
    arb.attach(desk);
  }
  RecordedLog log;
  SampleApi called{"sample"};
  SampleApi desk{"desk"};
  ApiArb arb;
};

class HeadRestarts : public Conformance {};

TEST_P(HeadRestarts, the_body_serves_the_new_one_and_calls_it) {
  Story story;
  Body body(url());
  const auto listening = story.listen_to(body.arb);
  for (int number = 1; number <= 3; ++number) {
    {
      Head head(url(), number);
      EXPECT_EQ(head.called.add(number, 1).call(), number + 1);
      EXPECT_EQ(body.desk.other(10).call(), 10 * number);
      EXPECT_EQ(body.arb.peers().size(), 1u);
    }
    ASSERT_TRUE(story.await(LinkState::disconnected, number));
  }
}

TEST_P(HeadRestarts, subscriptions_of_the_new_one_work_and_those_of_the_old_one_are_gone) {
  Notes heard;
  Body body(url());
  for (const char* const name : {"first", "second"}) {
    Story story;
    const auto listening = story.listen_to(body.arb);
    {
      Head head(url());
      const auto subscription = head.called.ticked.subscribe(
          [&, name](int number) { heard.add(name + (" " + std::to_string(number))); });
      head.called.nothing().call();
      body.served.ticked(1).post();
      ASSERT_TRUE(heard.await_line(name));
    }
    ASSERT_TRUE(story.await(LinkState::disconnected));
    body.served.ticked(2).post();  // to nobody
  }
  EXPECT_EQ(heard.lines(), (std::vector<std::string>{"first 1", "second 1"}));
  EXPECT_EQ(body.arb.stats().events_unheard, 2u);
}

TEST_P(HeadRestarts, handlers_that_worked_for_the_old_one_are_told_to_stop) {
  Flag inside;
  Flag told;
  Flag over;
  Body body(url());
  body.served.work.handle([&](Call& call, int number) {
    const std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
    inside.raise();
    told.await();
    EXPECT_TRUE(call.stop_requested());
    over.raise();
    return number;
  });
  {
    Head old(url());
    static_cast<void>(old.called.work(1).async());
    ASSERT_TRUE(inside.await());
  }
  EXPECT_TRUE(told.await());
  Head young(url());
  EXPECT_EQ(young.called.add(1, 2).call(), 3);
  ASSERT_TRUE(over.await());
  EXPECT_EQ(young.called.add(1, 2).call(), 3);
  // What was answered to the old one does not reach the new one.
  EXPECT_EQ(young.arb.stats().unknown_replies, 0u);
}

TEST_P(HeadRestarts, calls_of_the_body_to_the_old_one_fail_and_those_to_the_new_one_work) {
  Flag inside;
  Story story;
  Body body(url());
  const auto listening = story.listen_to(body.arb);
  std::optional<AsyncResult<int>> pending;
  {
    Head old(url());
    old.desk.work.handle([&](Call& call, int) {
      inside.raise();
      call.sleep_for(1h);
      return 0;
    });
    old.called.nothing().call();
    pending = body.desk.work(1).async();
    ASSERT_TRUE(inside.await());
  }
  EXPECT_THROW(pending->get(), Error);
  ASSERT_TRUE(story.await(LinkState::disconnected));
  Head young(url(), 7);
  young.called.nothing().call();
  EXPECT_EQ(body.desk.other(6).call(), 42);
}

TEST_P(HeadRestarts, the_body_hears_of_each_once_and_in_order) {
  Story story;
  Body body(url());
  const auto listening = story.listen_to(body.arb);
  for (std::ptrdiff_t round = 1; round <= 2; ++round) {
    {
      Head head(url());
      head.called.nothing().call();
    }
    ASSERT_TRUE(story.await(LinkState::disconnected, round));
  }
  body.arb.stop();
  EXPECT_EQ(story.states(), (std::vector{LinkState::open, LinkState::disconnected, LinkState::open,
                                         LinkState::disconnected, LinkState::closed}));
  const auto events = story.events();
  EXPECT_EQ(events[0].peer.incarnation, events[1].peer.incarnation);
  EXPECT_NE(events[0].peer.incarnation, events[2].peer.incarnation);
  EXPECT_NE(events[0].peer.id, events[2].peer.id);
  EXPECT_EQ(events[1].reason->code(), ErrorCode::transport_disconnected);
  EXPECT_EQ(events[4].reason->code(), ErrorCode::transport_finished);
}

class BodyRestarts : public Conformance {
 protected:
  /// Waits until the head has lost its body.
  static void expect_lost(const Story& story, std::ptrdiff_t times = 1) {
    EXPECT_TRUE(story.await(LinkState::disconnected, times));
  }
};

TEST_P(BodyRestarts, calls_fail_while_it_is_gone_and_work_again_with_the_same_objects) {
  Story story;
  Head head(url());
  const auto listening = story.listen_to(head.arb);
  const auto proxy = head.arb.proxy("sample");
  const auto action = head.called.add(20, 1);
  head.arb.start();
  for (int round = 1; round <= 3; ++round) {
    {
      Body body(url(), round);
      ASSERT_TRUE(story.await(LinkState::open, round));
      EXPECT_EQ(action.call(), 21);
      EXPECT_EQ(head.called.other(5).call(), 5 * round);
      EXPECT_EQ(proxy.action("other", 6).call<int>(), 6 * round);
      EXPECT_EQ(body.desk.other(7).call(), 7);
    }
    expect_lost(story, round);
    for (const auto& error :
         {error_of(action), action.async().error(), error_of(proxy.action("add", 1, 2).as<int>()),
          error_of(head.called.add(1, 2).any())}) {
      ASSERT_NE(error, nullptr);
      EXPECT_EQ(error->code(), ErrorCode::transport_disconnected) << error->what();
      EXPECT_EQ(error->execution(), Execution::not_sent);
    }
    EXPECT_FALSE(head.arb.connected());
  }
  EXPECT_EQ(head.arb.transactions().pending(), 0u);
  EXPECT_EQ(head.arb.stats().links_opened, 3u);
  EXPECT_EQ(head.arb.stats().links_lost, 3u);
}

TEST_P(BodyRestarts, subscriptions_and_handlers_of_the_head_are_told_to_the_new_one) {
  Notes heard;
  Story story;
  Head head(url());
  const auto listening = story.listen_to(head.arb);
  const auto before =
      head.called.ticked.subscribe([&](int number) { heard.add("before " + std::to_string(number)); });
  Registration meanwhile;
  head.arb.start();
  for (int round = 1; round <= 2; ++round) {
    {
      Body body(url());
      body.arb.wait_open(generous);
      body.served.ticked(round).post();
      ASSERT_TRUE(heard.await_line("before " + std::to_string(round)));
      EXPECT_EQ(body.desk.other(3).call(), 3);
      if (round == 2) {
        ASSERT_TRUE(heard.await_line("meanwhile 2"));
        EXPECT_EQ(body.desk.work(3).call(), 333);
      }
    }
    expect_lost(story, round);
    if (round == 2) break;
    meanwhile =
        head.called.ticked.subscribe([&](int number) { heard.add("meanwhile " + std::to_string(number)); });
    head.desk.work.handle([](int) { return 333; });
    head.called.said("into the void", 1).post();  // nobody listens: no error
  }
  EXPECT_EQ(head.arb.stats().events_unheard, 1u);
}

TEST_P(BodyRestarts, handlers_of_the_head_that_worked_for_the_old_one_are_told_to_stop) {
  Flag inside;
  Flag told;
  Story story;
  Head head(url());
  const auto listening = story.listen_to(head.arb);
  head.desk.work.handle([&](Call& call, int number) {
    const std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
    inside.raise();
    told.await();
    return number;
  });
  {
    Body body(url());
    head.called.nothing().call();
    static_cast<void>(body.desk.work(1).async());
    ASSERT_TRUE(inside.await());
  }
  EXPECT_TRUE(told.await());
  expect_lost(story);
}

TEST_P(BodyRestarts, a_blip_and_a_new_body_are_told_apart) {
  Story story;
  Head head(url());
  const auto listening = story.listen_to(head.arb);
  {
    Body body(url());
    head.called.nothing().call();
  }
  expect_lost(story);
  Body body(url());
  ASSERT_TRUE(story.await(LinkState::open, 2));
  const auto events = story.events();
  EXPECT_EQ(story.states(),
            (std::vector{LinkState::connecting, LinkState::open, LinkState::disconnected, LinkState::open}));
  EXPECT_FALSE(events[1].peer_restarted);
  EXPECT_TRUE(events[3].peer_restarted);
  EXPECT_NE(events[1].peer.incarnation, events[3].peer.incarnation);
  EXPECT_EQ(events[1].peer.name, "body");
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(HeadRestarts);
VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(BodyRestarts);

}  // namespace
}  // namespace vagus::testing
