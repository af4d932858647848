// Subscriptions to whatever matches a pattern.

#include <optional>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"
#include "conformance/story.hpp"

namespace vagus::testing {
namespace {

using Array = Value::Array;
using Map = Value::Map;
using Lines = std::vector<std::string>;

/// Writes each event that it hears down. To be declared before the arbitrator that it listens to.
class Ear {
 public:
  void operator()(const HeardEvent& event) {
    heard_.add(event.name_space + " " + to_string(Value(event.arguments)));
  }
  [[nodiscard]] Registration on(ApiArb& arb, std::string_view pattern, const SubscribeOptions& options = {}) {
    return arb.subscribe(
        pattern, [this](const HeardEvent& event) { (*this)(event); }, options);
  }
  bool await(std::size_t count) const { return heard_.await(count); }
  bool await_line(std::string_view text) const { return heard_.await_line(text); }
  Lines lines() const { return heard_.lines(); }

 private:
  Notes heard_;
};

class Patterns : public Conformance {};

TEST_P(Patterns, hear_each_event_that_matches_in_the_order_in_which_they_were_sent) {
  Ear ear;
  Pair pair(url());
  const auto listening = ear.on(pair.head, "sample.*");
  pair.called.nothing().call();
  Lines sent;
  for (int i = 0; i < 100; ++i) {
    pair.served.ticked(i).post();
    pair.served.said("word", i).post();
    sent.push_back("sample.ticked [" + std::to_string(i) + "]");
    sent.push_back("sample.said [\"word\", " + std::to_string(i) + "]");
  }
  ASSERT_TRUE(ear.await(sent.size()));
  EXPECT_EQ(ear.lines(), sent);
}

TEST_P(Patterns, are_sent_nothing_that_they_do_not_match) {
  Ear ear;
  Pair pair(url());
  const auto below = ear.on(pair.head, "sample.part.**");
  const auto elsewhere = ear.on(pair.head, "*.moved");
  pair.called.nothing().call();
  pair.served.ticked(1).post();
  EXPECT_EQ(pair.body.stats().events_unheard, 1u);
  EXPECT_EQ(pair.body.stats().messages_posted, 0u);
}

TEST_P(Patterns, say_who_has_sent_it) {
  Notes senders;
  Pair pair(url());
  const auto listening = pair.body.subscribe("**", [&](Call& call, const HeardEvent& event) {
    senders.add(call.peer().name + " sent " + event.name_space);
  });
  pair.open();
  pair.called.ticked(3).post();
  ASSERT_TRUE(senders.await(1));
  EXPECT_EQ(senders.lines(), Lines{"head sent sample.ticked"});
}

TEST_P(Patterns, take_the_parameters_of_events_of_a_known_type) {
  Notes heard;
  Pair pair(url());
  const auto listening = pair.head.subscribe<void(int)>("sample.*", [&](Call& call, int number) {
    heard.add(call.name_space() + " " + std::to_string(number));
  });
  pair.called.nothing().call();
  pair.served.said("a word is no number", 1).post();
  pair.served.ticked(7).post();
  ASSERT_TRUE(heard.await(1));
  EXPECT_EQ(heard.lines(), Lines{"sample.ticked 7"});
  EXPECT_TRUE(pair.head_log.transcript().await_line("sample.said"));
}

TEST_P(Patterns, need_no_api_where_they_listen) {
  Ear ear;
  RecordedLog log;
  SampleApi sender("sample");
  ApiArb body(listen(url()), {.log = log.log()});
  body.attach(sender);
  ApiArb head(connect(url()), {.log = log.log()});
  const auto listening = ear.on(head, "**");
  body.start();
  head.wait_open(generous);
  body.wait_open(generous);
  sender.ticked(1).post();
  EXPECT_TRUE(ear.await(1));
}

TEST_P(Patterns, an_event_comes_once_to_each_subscription_and_once_over_the_link) {
  Ear all;
  Ear some;
  Ear declared;
  Pair pair(url());
  const auto to_all = all.on(pair.head, "**");
  const auto to_some = some.on(pair.head, "sample.ticked");
  const auto to_one = pair.called.ticked.subscribe([&](int number) { declared({"declared", {number}, {}}); });
  pair.called.nothing().call();
  for (int i = 0; i < 3; ++i) pair.served.ticked(i).post();
  pair.served.said("the last", 0).post();
  ASSERT_TRUE(all.await_line("the last"));
  ASSERT_TRUE(some.await(3) && declared.await(3));
  EXPECT_EQ(all.lines(), (Lines{"sample.ticked [0]", "sample.ticked [1]", "sample.ticked [2]",
                                "sample.said [\"the last\", 0]"}));
  EXPECT_EQ(some.lines(), (Lines{"sample.ticked [0]", "sample.ticked [1]", "sample.ticked [2]"}));
  EXPECT_EQ(declared.lines(), (Lines{"declared [0]", "declared [1]", "declared [2]"}));
  EXPECT_EQ(pair.body.stats().messages_posted, 4u);
}

TEST_P(Patterns, end_with_their_registration) {
  Ear one;
  Ear two;
  Pair pair(url());
  auto first = one.on(pair.head, "sample.**");
  auto second = two.on(pair.head, "sample.**");
  pair.called.nothing().call();
  pair.served.ticked(1).post();
  ASSERT_TRUE(one.await(1) && two.await(1));
  first.reset();
  pair.called.nothing().call();  // what was told before arrives before
  pair.served.ticked(2).post();
  ASSERT_TRUE(two.await(2));
  second.reset();
  pair.called.nothing().call();
  pair.served.ticked(3).post();
  EXPECT_EQ(pair.body.stats().events_unheard, 1u);
  EXPECT_EQ(one.lines().size(), 1u);
}

TEST_P(Patterns, precede_any_later_call_of_their_thread) {
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    pair.served.ticked(number).post();
    return number;
  });
  pair.open();
  for (int i = 0; i < 30; ++i) {
    Ear ear;
    const auto listening = ear.on(pair.head, "sample.ticked");
    pair.called.work(i).call();
    ASSERT_TRUE(ear.await(1)) << "in round " << i;
  }
  EXPECT_EQ(pair.body.stats().events_unheard, 0u);
}

TEST_P(Patterns, a_posted_call_goes_to_its_handler_and_is_no_event) {
  Ear ear;
  Flag handled;
  Pair pair(url());
  const auto at_the_body = ear.on(pair.body, "**");
  const auto at_the_head = ear.on(pair.head, "**");
  pair.served.work.handle([&](int number) {
    handled.raise();
    return number;
  });
  pair.open();
  pair.called.work(1).post();
  EXPECT_TRUE(handled.await());
  pair.called.ticked(2).post();
  ASSERT_TRUE(ear.await(1));
  EXPECT_EQ(ear.lines(), Lines{"sample.ticked [2]"});
}

TEST_P(Patterns, outlive_the_body_that_they_listen_to) {
  Ear ear;
  Story story;
  RecordedLog log;
  ApiArb head(connect(url()), {.log = log.log()});
  const auto listening = ear.on(head, "sample.**");
  const auto links = story.listen_to(head);
  for (int number = 1; number <= 3; ++number) {
    SampleApi sender("sample");
    ApiArb body(listen(url()), {.log = log.log()});
    body.attach(sender);
    body.start();
    head.start();
    ASSERT_TRUE(story.await(LinkState::open, number));
    body.wait_open(generous);
    sender.ticked(number).post();
    ASSERT_TRUE(ear.await(static_cast<std::size_t>(number)));
  }
  EXPECT_EQ(ear.lines(), (Lines{"sample.ticked [1]", "sample.ticked [2]", "sample.ticked [3]"}));
}

TEST_P(Patterns, that_are_slow_lose_what_they_can_do_without) {
  Flag begun;
  Flag go_on;
  Notes heard;
  Pair pair(url());
  const auto listening = pair.head.subscribe(
      "sample.*",
      [&](Call& call, const HeardEvent& event) {
        heard.add(to_string(event.arguments.front()) + " after " + std::to_string(call.missed()) + " lost");
        if (!begun.raised()) {
          begun.raise();
          go_on.await();
        }
      },
      {.queue = 2, .lost = Lost::oldest});
  pair.called.nothing().call();
  pair.served.ticked(0).post();
  ASSERT_TRUE(begun.await());
  for (int number = 1; number < 10; ++number) pair.served.ticked(number).post();
  pair.called.nothing().call();  // all have arrived
  go_on.raise();
  ASSERT_TRUE(heard.await_line("9 after"));
  EXPECT_EQ(heard.lines(), (Lines{"0 after 0 lost", "8 after 7 lost", "9 after 0 lost"}));
}

TEST_P(Patterns, hold_up_no_callback_and_no_other_subscriber) {
  Flag begun;
  Flag go_on;
  Flag heard;
  Flag called_back;
  Pair pair(url());
  const auto slow = pair.head.subscribe("**", [&](const HeardEvent&) {
    begun.raise();
    go_on.await();
  });
  const AtExit let_go([&] { go_on.raise(); });
  const auto quick = pair.called.ticked.subscribe([&](int) { heard.raise(); });
  pair.called.nothing().call();
  pair.served.ticked(1).post();
  ASSERT_TRUE(begun.await());
  EXPECT_TRUE(heard.await());
  pair.head.proxy("sample").action("add", 1, 2).async<int>([&](const Result<int>&) { called_back.raise(); });
  EXPECT_TRUE(called_back.await());
}

TEST_P(Patterns, may_call_the_sender_and_be_coroutines) {
  Tally answered;
  Pair pair(url());
  const auto calling = pair.head.subscribe("sample.ticked", [&](const HeardEvent& event) {
    const int number = static_cast<int>(event.arguments.front().integer());
    if (pair.called.add(number, 1).call() == number + 1) answered.add();
  });
  const auto awaiting = pair.head.subscribe("sample.ticked", [&](const HeardEvent& event) -> Task<void> {
    const int number = static_cast<int>(event.arguments.front().integer());
    const int sum = co_await pair.called.add(number, 1);
    if (sum == number + 1) answered.add();
  });
  pair.called.nothing().call();
  for (int i = 0; i < 5; ++i) pair.served.ticked(i).post();
  EXPECT_TRUE(answered.await(10));
}

TEST_P(Patterns, what_a_subscriber_throws_is_logged_and_the_next_event_comes) {
  Tally heard;
  Pair pair(url());
  const auto listening = pair.head.subscribe("**", [&](const HeardEvent&) {
    heard.add();
    throw std::runtime_error("out of the subscriber");
  });
  pair.called.nothing().call();
  for (int i = 0; i < 2; ++i) pair.served.ticked(i).post();
  EXPECT_TRUE(heard.await(2));
  EXPECT_TRUE(pair.head_log.transcript().await_line("out of the subscriber"));
}

TEST_P(Patterns, that_are_none_are_refused) {
  Pair pair(url());
  for (const std::string& wrong : {std::string(), std::string("machine."), std::string("m*"),
                                   std::string("a b"), std::string(2000, 'a')}) {
    EXPECT_THROW(static_cast<void>(pair.head.subscribe(wrong, [](const HeardEvent&) {})), ApiParamError);
  }
  EXPECT_THROW(static_cast<void>(
                   pair.head.subscribe("**", [](const HeardEvent&) {}, {.concurrent = true, .queue = 3})),
               ApiParamError);
}

TEST_P(Patterns, of_which_there_are_too_many_are_refused_where_they_are_made) {
  Pair pair(url());
  pair.open();
  std::vector<Registration> kept;
  for (int i = 0; i < 256; ++i) {
    kept.push_back(pair.head.subscribe("sample.part" + std::to_string(i) + ".*", [](const HeardEvent&) {}));
  }
  EXPECT_THROW(kept.push_back(pair.head.subscribe("one.more", [](const HeardEvent&) {})), OverloadedError);
  kept.push_back(pair.head.subscribe("sample.part7.*", [](const HeardEvent&) {}));  // it is there already
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);  // and its peer has not cut it off
  kept.clear();
  EXPECT_NO_THROW(static_cast<void>(pair.head.subscribe("one.more", [](const HeardEvent&) {})));
}

// What goes over the wire
// -------------------------------------------------------------------------------------------------------------

/// The patterns of the next `$interest` that has some under this key.
Lines told(RawLink& peer, const std::string& key) {
  while (const auto message = peer.receive()) {
    const Array& parts = message->array();
    if (parts.size() != 3 || parts[1] != Value("$interest")) continue;
    for (const auto& [name, texts] : parts[2].array().front().map()) {
      if (name != Value(key)) continue;
      Lines lines;
      for (const Value& text : texts.array()) lines.push_back(text.string());
      return lines;
    }
  }
  return {"the link has ended"};
}

TEST_P(Patterns, are_told_to_peers_once_each_and_taken_back) {
  Ear ear;
  Pair pair(url());
  auto first = ear.on(pair.body, "panel.**");
  auto second = ear.on(pair.body, "panel.**");
  RawHead raw(url());
  EXPECT_EQ(told(*raw, "listens_to"), Lines{"panel.**"});
  auto third = ear.on(pair.body, "desk.*");
  EXPECT_EQ(told(*raw, "listens_to"), Lines{"desk.*"});
  first.reset();
  third.reset();
  EXPECT_EQ(told(*raw, "unlistens_to"), Lines{"desk.*"});
  second.reset();
  EXPECT_EQ(told(*raw, "unlistens_to"), Lines{"panel.**"});
}

TEST_P(Patterns, of_a_peer_that_are_wrong_end_its_link) {
  Pair pair(url());
  pair.open();
  Array many;
  for (int i = 0; i < 257; ++i) many.emplace_back("part" + std::to_string(i) + ".**");
  for (const Array& patterns : {Array{"a b"}, Array{std::string(2000, 'a')}, Array{1}, many}) {
    RawHead raw(url());
    raw->open();
    raw->send(Array{2, "$interest", Array{Map{{"listens_to", patterns}}}});
    EXPECT_EQ(raw->await_closed()->code(), ErrorCode::transport_disconnected);
  }
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
}

VAGUS_OVER_EACH_TRANSPORT(Patterns);

}  // namespace
}  // namespace vagus::testing
