// The end of an arbitrator: who hears of it, and what becomes of the calls that are under way.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"
#include "conformance/story.hpp"

namespace vagus::testing {
namespace {

using States = std::vector<LinkState>;

class Closing : public Conformance {};

TEST_P(Closing, is_heard_as_disconnected_and_then_closed_each_once) {
  Story story;
  Pair pair(url());
  const auto listening = story.listen_to(pair.head);
  pair.open();
  EXPECT_TRUE(pair.head.connected());
  pair.head.stop();
  pair.head.stop();
  EXPECT_FALSE(pair.head.connected());
  EXPECT_EQ(story.states(),
            (States{LinkState::connecting, LinkState::open, LinkState::disconnected, LinkState::closed}));
  for (const LinkState state : {LinkState::disconnected, LinkState::closed}) {
    ASSERT_NE(story.last(state).reason, nullptr);
    EXPECT_EQ(story.last(state).reason->code(), ErrorCode::transport_finished);
  }
  EXPECT_EQ(story.last(LinkState::connecting).reason, nullptr);
  EXPECT_EQ(story.last(LinkState::open).reason, nullptr);
  EXPECT_EQ(story.last(LinkState::closed).url, url());
}

TEST_P(Closing, lets_a_running_handler_finish_within_its_grace_and_makes_and_takes_no_new_calls) {
  Pair pair(url(), {.workers = 2});
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.open();
  pair.body.wait_open(generous);
  const auto running = pair.called.work(7).async();
  ASSERT_TRUE(stage.await(1));
  std::jthread stopper([&] { pair.body.stop(generous); });
  ErrorPtr made;
  while (!made) made = error_of(pair.called_desk.add(1, 1));
  EXPECT_EQ(made->code(), ErrorCode::transport_finished);
  EXPECT_EQ(made->execution(), Execution::not_sent);
  const auto taken = error_of(pair.called.add(1, 1));
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(taken->code(), ErrorCode::transport_finished);
  EXPECT_FALSE(running.ready());
  stage.open();
  EXPECT_EQ(running.get(), 7);
  stopper.join();
}

TEST_P(Closing, tells_what_nobody_waits_for_to_stop) {
  Tally running;
  Tally told;
  const auto until_told = [&](const Call& call) {
    running.add();
    const Deadline limit = Deadline::after(generous);
    while (!call.stop_requested() && !limit.passed()) std::this_thread::yield();
    if (call.stop_requested()) told.add();
  };
  Pair pair(url(), {.workers = 2});
  pair.served.work.handle([&](Call& call, int number) {
    until_told(call);
    return number;
  });
  pair.body.on_unhandled([&](Call& call, const UnhandledCall&) -> std::optional<Value> {
    until_told(call);
    return Value();
  });
  const auto hearing = pair.called_desk.ticked.subscribe([&](Call& call, int) {
    running.add();
    try {
      call.sleep_for(generous);
    } catch (const TransactionCancelled&) {
      told.add();
    }
  });
  pair.called.nothing().call();
  pair.called_desk.nothing().call();  // both sides know what the other listens to
  pair.called.work(1).post();
  pair.served.work(2).local().post({.timeout = no_timeout});
  pair.head.proxy("press").action("close").post();
  pair.desk.ticked(3).post();
  ASSERT_TRUE(running.await(4));
  pair.body.stop();
  EXPECT_EQ(told.count(), 4u);
}

TEST_P(Closing, does_not_run_for_long_what_nobody_waits_for_and_was_queued) {
  Tally running;
  Tally told;
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    running.add();
    const Deadline limit = Deadline::after(generous);
    while (!call.stop_requested() && !limit.passed()) std::this_thread::yield();
    if (call.stop_requested()) told.add();
    return number;
  });
  Pulse pulse(pair);
  for (int number = 0; number < 3; ++number) pair.called.work(number).post();
  pulse.beat();  // they have arrived
  ASSERT_TRUE(running.await(1));
  pair.body.stop();
  EXPECT_EQ(told.count(), running.count());
}

TEST_P(Closing, says_so_to_whoever_called_what_was_queued) {
  Tally running;
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    running.add();
    const Deadline limit = Deadline::after(generous);
    while (!call.stop_requested() && !limit.passed()) std::this_thread::yield();
    return number;
  });
  Pulse pulse(pair);
  const auto first = pair.called.work(1).async();
  ASSERT_TRUE(running.await(1));
  const auto queued = pair.called.work(2).async();
  const auto queued_here = pair.served.work(3).local().async();
  pulse.beat();  // it has arrived
  pair.body.stop();
  EXPECT_EQ(running.count(), 1u);
  queued.wait();
  EXPECT_EQ(queued.error()->code(), ErrorCode::transport_finished) << queued.error()->what();
  EXPECT_EQ(queued.error()->execution(), Execution::not_run);
  queued_here.wait();
  EXPECT_EQ(queued_here.error()->code(), ErrorCode::transport_finished) << queued_here.error()->what();
}

/// Runs what it is given at once, on whatever thread that is.
class Here final : public Executor {
 public:
  void execute(std::function<void()> work) override { work(); }
};

TEST_P(Closing, is_over_for_a_callback_that_runs_inside_of_it_and_stops_it_again) {
  Here here;
  Tally told;
  SampleApi called{"sample"};
  ApiArb head(connect(url()));  // where nobody listens
  head.attach(called);
  head.start();
  called.work(1).async(
      [&](const Result<int>& result) {
        EXPECT_EQ(result.error().code(), ErrorCode::transport_finished);
        head.stop();
        told.add();
      },
      {.timeout = generous, .on = here});
  head.stop();
  EXPECT_EQ(told.count(), 1u);
}

TEST_P(Closing, lets_a_callback_that_runs_inside_of_it_destroy_what_is_being_stopped) {
  Here here;
  Tally told;
  auto called = std::make_unique<SampleApi>("sample");
  auto head = std::make_unique<ApiArb>(connect(url()));
  head->attach(*called);
  head->start();
  called->work(1).async(
      [&](const Result<int>&) {
        head.reset();
        called.reset();
        told.add();
      },
      {.timeout = generous, .on = here});
  head->stop();
  EXPECT_EQ(told.count(), 1u);
}

TEST_P(Closing, gives_its_time_to_what_begins_while_something_else_ends) {
  for (int round = 0; round < 10; ++round) {
    std::atomic<bool> told{false};
    Tally running;
    const std::string address = unique_url(GetParam());
    Pair pair(address);
    pair.served.work.handle([&](Call& call, int number) {
      running.add();
      for (int look = 0; look < 10; ++look) {
        std::this_thread::yield();
        if (call.stop_requested()) told = true;
      }
      return number;
    });
    std::vector<AsyncResult<int>> results;
    for (int number = 0; number < 500; ++number) results.push_back(pair.called.work(number).async());
    ASSERT_TRUE(running.await(1));
    pair.body.stop(generous);
    EXPECT_FALSE(told);
    for (int number = 0; number < 500; ++number) {
      try {
        EXPECT_EQ(results[static_cast<std::size_t>(number)].get(), number);
      } catch (const Error& error) {
        EXPECT_NE(error.execution(), Execution::ran) << error.what();
      }
    }
  }
}

TEST_P(Closing, of_a_head_that_never_found_its_body_is_heard_as_closed) {
  Story story;
  ApiArb head(connect(url()));
  const auto listening = story.listen_to(head);
  head.start();
  head.stop();
  EXPECT_EQ(story.states(), (States{LinkState::connecting, LinkState::closed}));
}

TEST_P(Closing, of_a_body_tells_of_each_of_its_heads_and_then_of_itself) {
  Story story;
  Pair pair(url());
  const auto listening = story.listen_to(pair.body);
  pair.open();
  ApiArb second(connect(url()), {.name = "second"});
  second.wait_open(generous);
  ASSERT_TRUE(story.await(LinkState::open, 2));
  pair.body.stop();
  EXPECT_EQ(story.states(), (States{LinkState::open, LinkState::open, LinkState::disconnected,
                                    LinkState::disconnected, LinkState::closed}));
}

TEST_P(Closing, of_the_peer_is_heard_as_disconnected_alone_and_why) {
  Story story;
  Pair pair(url());
  const auto listening = story.listen_to(pair.body);
  pair.open();
  ASSERT_TRUE(story.await(LinkState::open));
  pair.head.stop();
  ASSERT_TRUE(story.await(LinkState::disconnected));
  EXPECT_EQ(pair.body.stats().links, 0u);
  EXPECT_EQ(story.states(), (States{LinkState::open, LinkState::disconnected}));
  const LinkEvent lost = story.last(LinkState::disconnected);
  EXPECT_EQ(lost.peer.name, "head");
  ASSERT_NE(lost.reason, nullptr);
  EXPECT_EQ(lost.reason->code(), ErrorCode::transport_disconnected);
}

TEST_P(Closing, is_not_heard_by_a_listener_that_has_left) {
  Story story;
  Pair pair(url());
  auto listening = story.listen_to(pair.head);
  pair.open();
  ASSERT_TRUE(story.await(LinkState::open));
  listening.reset();
  pair.head.stop();
  EXPECT_EQ(story.states(), (States{LinkState::connecting, LinkState::open}));
}

TEST_P(Closing, is_heard_by_all_even_if_one_throws) {
  Story story;
  Pair pair(url());
  const auto throwing =
      pair.head.on_state([](const LinkEvent&) { throw std::runtime_error("out of a listener"); });
  const auto worse = pair.head.on_state([](const LinkEvent&) { throw 17; });
  const auto listening = story.listen_to(pair.head);
  pair.open();
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  pair.head.stop();
  EXPECT_EQ(story.states().size(), 4u);
  EXPECT_TRUE(pair.head_log.transcript().contains("out of a listener"));
}

TEST_P(Closing, a_listener_may_call_and_leave_and_close) {
  std::atomic<int> sum{0};
  Tally heard;
  Registration once;
  Pair pair(url());
  once = pair.head.on_state([&](const LinkEvent& event) {
    heard.add();
    if (event.state != LinkState::open) return;
    sum = pair.called.add(20, 1).call();
    once.reset();
  });
  const auto last = pair.head.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::open) pair.head.stop();
  });
  pair.head.run();
  EXPECT_EQ(sum, 21);
  EXPECT_EQ(heard.count(), 2u);
  EXPECT_THROW(pair.called.add(1, 1).call(), TransportFinishedError);
}

TEST_P(Closing, fails_the_calls_of_all_who_wait) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.open();
  std::atomic<int> finished{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const auto error = error_of(pair.called.work(1));
      if (error && error->code() == ErrorCode::transport_finished &&
          error->execution() == Execution::unknown) {
        ++finished;
      }
    });
  }
  Tally called_back;
  pair.called.work(2).async([&](const Result<int>& result) {
    if (!result && result.error().code() == ErrorCode::transport_finished) ++finished;
    called_back.add();
  });
  Flag released;
  const auto with_semaphore = pair.called.work(3).async(vagus::release(released));
  const auto gathered = pair.called.work(4).all().async();
  ASSERT_TRUE(stage.await(1));
  while (pair.head.transactions().pending() != 6) std::this_thread::yield();
  pair.head.stop();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(finished, 4);
  EXPECT_EQ(called_back.count(), 1u);
  EXPECT_EQ(released.times(), 1u);
  EXPECT_THROW(with_semaphore.get(), TransportFinishedError);
  ASSERT_EQ(gathered.get().size(), 1u);
  EXPECT_EQ(gathered.get().front().result.error().code(), ErrorCode::transport_finished);
  EXPECT_EQ(pair.head.transactions().pending(), 0u);
  // What the body has queued is run though nobody waits for it any more: not after the stage has gone.
  stage.open();
  pair.served.work.clear();
}

TEST_P(Closing, fails_what_still_waits_for_its_first_link) {
  SampleApi called("sample");
  ApiArb head(connect(url()));
  head.attach(called);
  head.start();
  const auto parked = called.add(1, 2).async();
  ErrorPtr blocked;
  bool post_failed = false;
  bool opening_failed = false;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { blocked = error_of(called.add(1, 2)); });
  threads.emplace_back([&] {
    try {
      called.nothing().post();
    } catch (const TransportFinishedError&) {
      post_failed = true;
    }
  });
  threads.emplace_back([&] {
    try {
      head.wait_open(generous);
    } catch (const TransportFinishedError&) {
      opening_failed = true;
    }
  });
  EXPECT_FALSE(parked.ready());
  head.stop();
  for (auto& thread : threads) thread.join();
  EXPECT_THROW(parked.get(), TransportFinishedError);
  EXPECT_EQ(parked.error()->execution(), Execution::not_sent);
  ASSERT_NE(blocked, nullptr);
  EXPECT_EQ(blocked->code(), ErrorCode::transport_finished);
  EXPECT_EQ(blocked->execution(), Execution::not_sent);
  EXPECT_TRUE(post_failed);
  EXPECT_TRUE(opening_failed);
}

TEST_P(Closing, of_a_body_answers_what_is_queued_or_fails_it) {
  Pair pair(url());
  pair.served.work.handle([](Call& call, int number) {
    call.sleep_for(1h);
    return number;
  });
  pair.open();
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 20; ++i) pending.push_back(pair.called.work(i).async({.timeout = no_timeout}));
  while (pair.body.stats().requests_received < 20) std::this_thread::yield();
  pair.body.stop();
  for (const auto& one : pending) {
    ASSERT_TRUE(one.wait(generous));
    EXPECT_THROW(one.get(), Error);
  }
  EXPECT_EQ(pair.head.transactions().pending(), 0u);
}

TEST_P(Closing, does_not_wait_for_a_peer_that_is_mute) {
  RawBody body(url());
  SampleApi called("sample");
  const bool by_memory = url().starts_with("inproc") || url().starts_with("shm");
  ApiArb head(connect(by_memory ? with_option(url(), "ring=4096") : url()));  // soon full
  head.attach(called);
  head.start();
  const auto link = body.accept();
  link->open({"sample.work"}, {"sample.said"});
  head.wait_open(generous);
  const auto pending = called.work(1).async({.timeout = no_timeout});
  try {
    for (;;) called.said("x", 1).post({.when_full = WhenFull::refuse});
  } catch (const OverloadedError&) {
    // The link is full now.
  }
  const auto began = Deadline::now();
  head.stop();
  EXPECT_LT(Deadline::now() - began, Duration(generous) / 3);
  EXPECT_THROW(pending.get(), TransportFinishedError);
  EXPECT_EQ(link->await_closed()->code(), ErrorCode::transport_disconnected);
}

TEST_P(Closing, leaves_every_form_of_a_call_with_the_same_error) {
  Pair pair(url());
  pair.open();
  const Peer peer = pair.head.peers().front();
  const ApiProxy proxy = pair.head.proxy("sample");
  pair.head.stop();
  EXPECT_EQ(error_of(pair.called.add(1, 2).to(peer))->code(), ErrorCode::transport_finished);
  EXPECT_EQ(error_of(pair.called.add(1, 2).any())->code(), ErrorCode::transport_finished);
  EXPECT_EQ(error_of(pair.called.add(1, 2).local())->code(), ErrorCode::transport_finished);
  EXPECT_EQ(error_of(proxy.action("add", 1, 2).as<int>().to(peer))->code(), ErrorCode::transport_finished);
  EXPECT_THROW(pair.called.add(1, 2).post(), TransportFinishedError);
  EXPECT_THROW(pair.called.ticked(1).post(), TransportFinishedError);
  EXPECT_THROW(proxy.action("add", 1, 2).post(), TransportFinishedError);
  EXPECT_EQ(pair.called.add(1, 2).all().try_call().error().code(), ErrorCode::transport_finished);
  EXPECT_EQ(proxy.action("add", 1, 2).as<int>().all().try_call().error().code(),
            ErrorCode::transport_finished);
  pair.called.ticked(1).post({.ignore_errors = true});
  pair.head.run();  // there is nothing to wait for
}

TEST_P(Closing, of_an_api_that_was_never_attached_is_no_reason_for_another_error) {
  SampleApi lonely("sample");
  const auto gathered = lonely.add(1, 2).all().try_call();
  ASSERT_FALSE(gathered.has_value());
  EXPECT_EQ(gathered.error().code(), ErrorCode::transport_disconnected) << gathered.error().what();
}

VAGUS_OVER_EACH_TRANSPORT(Closing);

}  // namespace
}  // namespace vagus::testing
