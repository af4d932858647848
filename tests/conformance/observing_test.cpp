// The hooks: each outcome, at both sides.

#include <optional>
#include <thread>

#include "conformance/conformance.hpp"
#include "conformance/observed.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

class Hooks : public Conformance {};

/// A pair of which both sides are observed.
struct ObservedPair {
  explicit ObservedPair(const std::string& url, const Pair::Options& options = {}) : pair(url, options) {
    pair.open();
    of_head = head.of(pair.head);
    of_body = body.of(pair.body);
  }
  Observed head;
  Observed body;
  Pair pair;
  Registration of_head;
  Registration of_body;
};

TEST_P(Hooks, hear_of_a_call_before_the_caller_sees_its_end) {
  ObservedPair observed(url());
  EXPECT_EQ(observed.pair.called.add(1, 2).call(), 3);
  EXPECT_EQ(observed.head.lines(), (Lines{"begun sample.add", "ended sample.add: completed"}));
  ASSERT_TRUE(observed.body.await(2));
  EXPECT_EQ(observed.body.lines(), (Lines{"received sample.add", "handled sample.add: completed"}));
}

TEST_P(Hooks, hear_who_and_which_and_how_long) {
  Tally handled;
  std::uint64_t begun = 0;
  std::uint64_t received = 0;
  TransactionId at_head;
  TransactionId at_body;
  Pair pair(url());
  pair.open();
  const auto of_head = pair.head.observe({.call_begun =
                                              [&](const CallBegun& call) {
                                                begun = call.number;
                                                EXPECT_FALSE(call.deadline.is_never());
                                              },
                                          .call_ended =
                                              [&](const CallEnded& call) {
                                                EXPECT_EQ(call.number, begun);
                                                EXPECT_EQ(call.peer.name, "body");
                                                EXPECT_EQ(call.error, nullptr);
                                                EXPECT_GT(call.elapsed, Duration::zero());
                                                EXPECT_LT(call.elapsed, Duration(generous));
                                                at_head = call.id;
                                              }});
  const auto of_body = pair.body.observe({.request_received =
                                              [&](const RequestReceived& request) {
                                                received = request.number;
                                                EXPECT_EQ(request.peer.name, "head");
                                                at_body = request.id;
                                              },
                                          .request_handled =
                                              [&](const RequestHandled& request) {
                                                EXPECT_EQ(request.number, received);
                                                EXPECT_EQ(request.peer.name, "head");
                                                EXPECT_EQ(request.id, at_body);
                                                EXPECT_GE(request.waited, Duration::zero());
                                                EXPECT_GE(request.ran, Duration::zero());
                                                EXPECT_LT(request.waited + request.ran, Duration(generous));
                                                handled.add();
                                              }});
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  ASSERT_TRUE(handled.await(1));
  EXPECT_TRUE(at_head);
  EXPECT_EQ(at_head, at_body);
}

TEST_P(Hooks, hear_of_an_async_call_before_its_callback_does) {
  Flag called_back;
  Lines before;
  ObservedPair observed(url());
  static_cast<void>(observed.pair.called.add(1, 2).async([&](const Result<int>&) {
    before = observed.head.lines();
    called_back.raise();
  }));
  ASSERT_TRUE(called_back.await());
  EXPECT_EQ(before, (Lines{"begun sample.add", "ended sample.add: completed"}));
}

TEST_P(Hooks, hear_what_a_handler_threw) {
  ObservedPair observed(url());
  observed.pair.served.work.handle([](int) -> int { throw std::out_of_range("too far"); });
  EXPECT_THROW(observed.pair.called.work(1).call(), std::out_of_range);
  EXPECT_EQ(observed.head.lines(), (Lines{"begun sample.work", "ended sample.work: failed RemoteError"}));
  ASSERT_TRUE(observed.body.await(2));
  EXPECT_EQ(observed.body.lines(),
            (Lines{"received sample.work", "handled sample.work: failed std::out_of_range"}));
}

TEST_P(Hooks, hear_of_a_result_that_could_not_be_sent) {
  ObservedPair observed(url(), {.body = {.max_message_size = 4096}});
  observed.pair.served.bytes.handle([](const Bytes&) { return Bytes(10000); });
  EXPECT_THROW(observed.pair.called.bytes(Bytes()).call(), RemoteError);
  ASSERT_TRUE(observed.body.await(2));
  EXPECT_EQ(observed.body.lines().back(), "handled sample.bytes: failed vagus::MessageTooLargeError");
}

TEST_P(Hooks, hear_of_a_refusal) {
  ObservedPair observed(url());
  EXPECT_THROW(observed.pair.called.part.idle().call(), UnsupportedApiError);
  EXPECT_EQ(observed.head.lines(),
            (Lines{"begun sample.part.idle", "ended sample.part.idle: failed UnsupportedApiError"}));
  ASSERT_TRUE(observed.body.await(2));
  EXPECT_EQ(observed.body.lines(),
            (Lines{"received sample.part.idle", "handled sample.part.idle: refused UnsupportedApiError"}));
}

TEST_P(Hooks, hear_of_a_full_queue) {
  ObservedPair observed(url(), {.queue = 1});
  Stage stage;
  observed.pair.served.work.handle([&](int number) { return stage(number); });
  const auto first = observed.pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  const auto second = observed.pair.called.work(2).async();
  EXPECT_THROW(observed.pair.called.work(3).call(), OverloadedError);
  EXPECT_TRUE(observed.body.transcript().await_line("handled sample.work: refused OverloadedError"));
  stage.open();
  EXPECT_EQ(first.get() + second.get(), 3);
}

TEST_P(Hooks, hear_of_a_timeout_at_both_sides) {
  ObservedPair observed(url());
  Pulse pulse(observed.pair);
  Stage stage;
  observed.pair.served.work.handle([&](int number) { return stage(number); });
  observed.pair.served.other.handle([](int number) { return number; });
  const auto pending = observed.pair.called.work(1).async({.timeout = 2s});
  ASSERT_TRUE(stage.await(1));
  EXPECT_THROW(observed.pair.called.other(1).call({.timeout = 20ms}), TransactionTimeout);
  EXPECT_THROW(pending.get(), TransactionTimeout);
  // The ends of both stand in the order in which they came; only that each did is of interest.
  EXPECT_TRUE(observed.head.transcript().contains("ended sample.work: timed_out TransactionTimeout"));
  EXPECT_TRUE(observed.head.transcript().contains("ended sample.other: timed_out TransactionTimeout"));
  while (observed.pair.head.transactions().pending() != 0) std::this_thread::yield();
  pulse.beat();  // the body has heard that the caller gave up
  stage.open();
  EXPECT_TRUE(observed.body.transcript().await_line("handled sample.work: completed, given up"));
  EXPECT_TRUE(observed.body.transcript().await_line("handled sample.other: refused Transaction"));
}

TEST_P(Hooks, hear_of_a_cancellation) {
  ObservedPair observed(url());
  Stage stage;
  observed.pair.served.work.handle([&](int number) { return stage(number); });
  const auto pending = observed.pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  EXPECT_TRUE(pending.cancel());
  EXPECT_EQ(observed.head.lines(),
            (Lines{"begun sample.work", "ended sample.work: cancelled TransactionCancelled"}));
}

TEST_P(Hooks, hear_once_that_the_peer_has_gone) {
  RawBody body(url());
  Observed observed;
  SampleApi called("sample");
  ApiArb head(connect(url()));
  const auto observing = observed.of(head);
  head.attach(called);
  head.start();
  auto link = body.accept();
  link->open({"sample.work"});
  head.wait_open(generous);
  const auto pending = called.work(1).async();
  const auto other = called.work(2).async();
  link.reset();
  EXPECT_THROW(pending.get(), TransportDisconnectedError);
  EXPECT_THROW(other.get(), TransportDisconnectedError);
  const std::string ended = "ended sample.work: failed TransportDisconnectedError";
  EXPECT_EQ(observed.lines(), (Lines{"begun sample.work", "begun sample.work", ended, ended}));
}

TEST_P(Hooks, hear_of_calls_that_were_never_sent) {
  Notes peers;
  SampleApi called("sample");
  ApiArb head(connect(url()));
  Observed observed;
  const auto observing = observed.of(head);
  const auto looking = head.observe({.call_ended = [&](const CallEnded& call) {
    peers.add(call.peer.name + std::to_string(call.peer.id) + " " + to_string(call.id));
  }});
  head.attach(called);
  const auto pending = called.add(1, 1).async();
  EXPECT_TRUE(pending.cancel());
  EXPECT_THROW(called.add(1, 1).call({.timeout = 10ms}), TransactionTimeout);
  EXPECT_EQ(observed.lines(), (Lines{"begun sample.add", "ended sample.add: cancelled TransactionCancelled",
                                     "begun sample.add", "ended sample.add: timed_out TransactionTimeout"}));
  EXPECT_EQ(peers.lines(), (Lines{"0 none", "0 none"}));
  head.stop();
  EXPECT_THROW(called.add(1, 1).call(), TransportFinishedError);  // made at nobody's
}

TEST_P(Hooks, hear_of_what_is_unsolicited_where_it_arrives) {
  ObservedPair observed(url());
  observed.pair.called.nothing().post();
  ASSERT_TRUE(observed.body.await(2));
  EXPECT_EQ(observed.body.lines(),
            (Lines{"received unsolicited sample.nothing", "handled sample.nothing: completed"}));
  EXPECT_EQ(observed.head.lines(), Lines{});
}

TEST_P(Hooks, hear_of_an_event_once_for_each_subscriber) {
  Tally heard;
  ObservedPair observed(url());
  const auto one = observed.pair.called.ticked.subscribe([&](int) { heard.add(); });
  const auto two = observed.pair.called.ticked.subscribe([&](int) { throw std::runtime_error("no"); });
  observed.pair.called.nothing().call();
  observed.pair.served.ticked(1).post();
  ASSERT_TRUE(observed.head.transcript().await_line("handled sample.ticked: completed"));
  ASSERT_TRUE(observed.head.transcript().await_line("handled sample.ticked: failed std::runtime_error"));
  EXPECT_EQ(observed.head.lines().size(), 2u + 4u);
}

TEST_P(Hooks, hear_of_calls_to_the_own_process_twice) {
  ObservedPair observed(url());
  EXPECT_EQ(observed.pair.served.add(1, 2).local().call(), 3);
  ASSERT_TRUE(observed.body.await(4));
  const Lines lines = observed.body.lines();
  EXPECT_EQ(Lines(lines.begin(), lines.begin() + 2), (Lines{"begun sample.add", "received sample.add"}));
  EXPECT_TRUE(observed.body.transcript().contains("ended sample.add: completed"));
  EXPECT_TRUE(observed.body.transcript().contains("handled sample.add: completed"));
}

TEST_P(Hooks, hear_of_a_deferred_reply_when_it_is_given) {
  std::optional<Reply<int>> reply;
  Flag deferred;
  ObservedPair observed(url());
  observed.pair.served.work.handle([&](Call& call, int) {
    reply = call.defer<int>();
    deferred.raise();
    return 0;
  });
  const auto pending = observed.pair.called.work(1).async();
  ASSERT_TRUE(deferred.await());
  EXPECT_EQ(observed.body.lines(), Lines{"received sample.work"});
  reply->complete(7);
  EXPECT_EQ(pending.get(), 7);
  EXPECT_EQ(observed.body.lines(), (Lines{"received sample.work", "handled sample.work: completed"}));
}

TEST_P(Hooks, hear_what_a_hook_for_the_unhandled_made_of_it) {
  ObservedPair observed(url());
  observed.pair.body.on_unhandled([](Call&, const UnhandledCall& call) -> std::optional<Value> {
    if (call.name_space == "nobody.does") return Value(1);
    return std::nullopt;
  });
  EXPECT_EQ(observed.pair.head.proxy("nobody").action("does").as<int>().call(), 1);
  EXPECT_THROW(observed.pair.head.proxy("nobody").action("else_").as<int>().call(), UnknownApiError);
  EXPECT_TRUE(observed.body.transcript().await_line("handled nobody.does: completed"));
  EXPECT_TRUE(observed.body.transcript().await_line("handled nobody.else_: refused UnknownApiError"));
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Hooks);

class HookRegistrations : public Conformance {};

TEST_P(HookRegistrations, end_what_is_heard_also_of_calls_under_way) {
  ObservedPair observed(url());
  Stage stage;
  observed.pair.served.work.handle([&](int number) { return stage(number); });
  const auto pending = observed.pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  observed.of_head.reset();
  observed.of_body.reset();
  stage.open();
  EXPECT_EQ(pending.get(), 1);
  observed.pair.called.nothing().call();
  EXPECT_EQ(observed.head.lines(), Lines{"begun sample.work"});
  EXPECT_EQ(observed.body.lines(), Lines{"received sample.work"});
}

TEST_P(HookRegistrations, that_come_later_hear_of_no_end_without_a_beginning) {
  Observed late;
  ObservedPair observed(url());
  Stage stage;
  observed.pair.served.work.handle([&](int number) { return stage(number); });
  const auto pending = observed.pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  const auto at_head = late.of(observed.pair.head);
  const auto at_body = late.of(observed.pair.body);
  stage.open();
  EXPECT_EQ(pending.get(), 1);
  EXPECT_EQ(observed.head.lines().size(), 2u);
  ASSERT_TRUE(observed.body.await(2));
  EXPECT_EQ(late.lines(), Lines{});
}

TEST_P(HookRegistrations, may_be_ended_by_the_hook_itself) {
  Tally heard;
  Registration registration;
  Pair pair(url());
  pair.open();
  registration = pair.head.observe({.call_ended = [&](const CallEnded&) {
    heard.add();
    registration.reset();
  }});
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(heard.count(), 1u);
}

TEST_P(HookRegistrations, may_outlive_the_arbitrator) {
  Observed observed;
  Registration registration;
  {
    Pair pair(url());
    registration = observed.of(pair.head);
    EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  }
  registration.reset();
  EXPECT_EQ(observed.lines().size(), 2u);
}

TEST_P(HookRegistrations, come_and_go_while_calls_are_made) {
  constexpr int callers = 3;
  constexpr int rounds = 100;
  Pair pair(url(), {.workers = 2});
  pair.open();
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      while (!over) {
        EXPECT_EQ(pair.called.add(caller, 1).call(), caller + 1);
        EXPECT_EQ(pair.called.add(caller, 2).async().get(), caller + 2);
      }
    });
  }
  for (int round = 0; round < rounds; ++round) {
    std::atomic<bool> gone{false};
    Tally heard;
    const auto hear = [&](const auto&) {
      EXPECT_FALSE(gone);
      heard.add();
    };
    auto at_head = pair.head.observe({.call_begun = hear, .call_ended = hear});
    auto at_body = pair.body.observe({.request_received = hear, .request_handled = hear});
    pair.head.measure(round % 2 == 0);
    EXPECT_TRUE(heard.await(4));
    at_head.reset();
    at_body.reset();
    gone = true;
  }
  over = true;
  for (auto& thread : threads) thread.join();
}

TEST_P(HookRegistrations, whose_hooks_throw_disturb_nobody) {
  Pair pair(url());
  pair.open();
  const auto throwing = [](const auto&) { throw std::runtime_error("a bad hook"); };
  const auto at_head = pair.head.observe({.call_begun = throwing, .call_ended = throwing});
  const auto at_body = pair.body.observe({.request_received = throwing, .request_handled = [](const auto&) {
                                            throw 1;  // NOLINT: anything may be thrown
                                          }});
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  EXPECT_EQ(pair.called.add(1, 3).async().get(), 4);
  EXPECT_EQ(pair.head.stats().handlers_failed, 4u);
  while (pair.body.stats().handlers_failed < 4) std::this_thread::yield();
  EXPECT_TRUE(pair.head_log.transcript().contains("an exception left a call hook: a bad hook"));
  EXPECT_TRUE(pair.body_log.transcript().contains("an exception left a call hook: not a std::exception"));
}

TEST_P(HookRegistrations, hear_of_each_end_once_whatever_happens) {
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  std::atomic<int> received{0};
  std::atomic<int> handled{0};
  {
    Pair pair(url(), {.workers = 2});
    pair.open();
    const auto at_head = pair.head.observe(
        {.call_begun = [&](const CallBegun&) { ++begun; }, .call_ended = [&](const CallEnded&) { ++ended; }});
    const auto at_body = pair.body.observe({.request_received = [&](const RequestReceived&) { ++received; },
                                            .request_handled = [&](const RequestHandled&) { ++handled; }});
    std::vector<std::thread> threads;
    for (int caller = 0; caller < 3; ++caller) {
      threads.emplace_back([&] {
        for (int i = 0; i < 300; ++i) {
          static_cast<void>(pair.called.add(i, 1).try_call({.timeout = std::chrono::microseconds(100)}));
          const auto pending = pair.called.add(i, 1).async();
          if (i % 3 == 0) pending.cancel();
        }
      });
    }
    while (handled < 300) std::this_thread::yield();
    pair.body.stop();
    for (auto& thread : threads) thread.join();
    pair.head.stop();
    EXPECT_EQ(begun, 3 * 2 * 300);
    EXPECT_EQ(ended, begun);
    EXPECT_EQ(handled, received);
  }
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(HookRegistrations);

}  // namespace
}  // namespace vagus::testing
