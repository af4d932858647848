// A child that was forked, and has not called exec, while its parent has an ApiArb.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "support/core/sanitizers.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

/// What a child cannot use fails at once, and says why.
template <typename Function>
void expect_refused(Function&& use) {
  try {
    use();
    ADD_FAILURE() << "it was not refused";
  } catch (const TransportFinishedError& error) {
    EXPECT_NE(std::string(error.what()).find("forked"), std::string::npos) << error.what();
    EXPECT_EQ(error.execution(), Execution::not_sent);
  }
}

class Forks : public Conformance {};

TEST_P(Forks, leave_the_ApiArb_of_the_parent_to_the_parent) {
  Pair pair(url());
  pair.open();
  const Peer peer = pair.head.peers().front();
  Process child([&] {
    expect_refused([&] { pair.called.add(1, 2).call(); });
    expect_refused([&] { pair.called.add(1, 2).async().get(); });
    expect_refused([&] { pair.called.add(1, 2).all().call(); });
    expect_refused([&] { pair.called.nothing().post(); });
    expect_refused([&] { pair.called.ticked(1).post(); });
    expect_refused([&] { pair.served.add(1, 2).local().call(); });
    expect_refused([&] { pair.head.proxy("sample").action("add", 1, 2).call<int>(); });
    expect_refused([&] { pair.head.start(); });
    expect_refused([&] { pair.head.run(); });
    expect_refused([&] { pair.head.run_until_signal(); });
    expect_refused([&] { pair.head.wait_open(1s); });
    expect_refused([&] { static_cast<void>(pair.head.on_state([](const LinkEvent&) {})); });
    expect_refused([&] { pair.head.on_unhandled({}); });
    expect_refused([&] { pair.head.ping(peer, 1s); });
    expect_refused([&] { pair.head.async_ping(peer, 1s).get(); });
    expect_refused([&] { static_cast<void>(pair.head.observe({})); });
    expect_refused([&] { static_cast<void>(pair.head.log_calls("**")); });
    expect_refused([&] { pair.head.measure(true); });
    expect_refused([&] {
      SampleApi another("another");
      pair.head.attach(another);
    });
    expect_refused([&] { pair.called.work.handle([](int number) { return number; }); });
    EXPECT_FALSE(pair.head.connected());
    EXPECT_TRUE(pair.head.peers().empty());
    EXPECT_TRUE(pair.head.peer_stats().empty());
    EXPECT_TRUE(pair.head.ping(1s).empty());
    pair.head.stop();
    pair.body.stop();
    pair.head.detach(pair.called);
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  EXPECT_EQ(pair.head.stats().links_lost, 0u);
  EXPECT_EQ(pair.body.stats().requests_received, 1u);
}

TEST_P(Forks, call_back_that_the_child_cannot_call) {
  Pair pair(url());
  pair.open();
  Process child([&] {
    bool told = false;
    class Here final : public Executor {
      void execute(std::function<void()> work) override { work(); }
    } here;
    pair.called.add(1, 2).async(
        [&](const Result<int>& result) { told = result.error().code() == ErrorCode::transport_finished; },
        {.on = here});
    EXPECT_TRUE(told);
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST_P(Forks, may_destroy_their_copies_of_all_without_a_trace) {
  auto pair = std::make_unique<Pair>(url());
  Stage stage;
  pair->served.work.handle(std::ref(stage));
  auto subscription = std::make_optional(pair->called.ticked.subscribe([](int) {}));
  auto listening = std::make_optional(pair->head.on_state([](const LinkEvent&) {}));
  pair->open();
  pair->body.wait_open(generous);
  auto loan = std::make_optional(pair->called.loan<int>(1000));
  const auto running = pair->called.work(1).async();
  ASSERT_TRUE(stage.await(1));  // a handler of the parent's is inside, of which the child has a copy
  Process child([&] {
    running.cancel();
    EXPECT_TRUE(running.ready());
    loan.reset();
    subscription.reset();
    listening.reset();
    pair->served.work.clear();
    pair.reset();
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_FALSE(running.ready());
  stage.open();
  EXPECT_EQ(running.get(generous), 1);
  EXPECT_EQ(pair->called.add(1, 2).call(), 3);
  EXPECT_EQ(pair->head.stats().links_lost, 0u);
  EXPECT_EQ(pair->body.stats().links_lost, 0u);
  loan.reset();
}

TEST_P(Forks, are_not_answered_what_the_parent_has_asked) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle(std::ref(stage));
  const auto running = pair.called.work(7).async();
  ASSERT_TRUE(stage.await(1));
  Process child([&] { expect_refused([&] { running.get(); }); });
  EXPECT_EQ(child.wait(), 0);
  stage.open();
  EXPECT_EQ(running.get(generous), 7);
}

TEST_P(Forks, drop_replies_that_the_parent_still_owes) {
  Pair pair(url());
  std::optional<Reply<int>> owed;
  Flag deferred;
  pair.served.work.handle([&](Call& call, int) {
    owed.emplace(call.defer<int>());
    deferred.raise();
    return 0;
  });
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(deferred.await());
  Process child([&] { owed.reset(); });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_FALSE(pending.ready());
  owed->complete(5);
  EXPECT_EQ(pending.get(generous), 5);
  owed.reset();
}

TEST_P(Forks, observe_nothing) {
  Tally begun;
  Tally ended;
  Tally received;
  Tally handled;
  Pair pair(url());
  std::optional<Reply<int>> owed;
  Flag deferred;
  pair.served.work.handle([&](Call& call, int) {
    owed.emplace(call.defer<int>());
    deferred.raise();
    return 0;
  });
  pair.open();
  auto at_head = std::make_optional(pair.head.observe({
      .call_begun = [&](const CallBegun&) { begun.add(); },
      .call_ended = [&](const CallEnded&) { ended.add(); },
  }));
  auto at_body = std::make_optional(pair.body.observe({
      .request_received = [&](const RequestReceived&) { received.add(); },
      .request_handled = [&](const RequestHandled&) { handled.add(); },
  }));
  pair.head.measure(true);
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(deferred.await());
  ASSERT_TRUE(handled.await(1));
  Process child([&] {
    expect_refused([&] { pair.called.add(1, 2).call(); });
    pending.cancel();
    owed.reset();
    EXPECT_EQ(begun.count(), 2u);
    EXPECT_EQ(ended.count(), 1u);
    EXPECT_EQ(received.count(), 2u);
    EXPECT_EQ(handled.count(), 1u);
    EXPECT_TRUE(pair.head.method_stats().empty());
    at_head.reset();
    at_body.reset();
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_FALSE(pair.head.method_stats().empty());
  owed->complete(5);
  EXPECT_EQ(pending.get(generous), 5);
  EXPECT_EQ(ended.count(), 2u);
  EXPECT_TRUE(handled.await(2));
  owed.reset();
}

TEST_P(Forks, leave_a_foreign_loop_to_the_parent) {
  Pair pair(url(), {.body = {.loop = Loop::foreign}});
  const auto pending = pair.called.add(1, 2).async();
  while (pair.body.stats().requests_received == 0) std::this_thread::yield();
  Process child([&] {
    expect_refused([&] { pair.body.process(); });
    expect_refused([&] { pair.body.descriptor(); });
  });
  EXPECT_EQ(child.wait(), 0);
  while (!pending.ready()) pair.body.process();
  EXPECT_EQ(pending.get(), 3);
}

TEST_P(Forks, may_make_an_ApiArb_of_their_own) {
  if (sanitized) GTEST_SKIP() << "the sanitizers let a child of many threads start none";
  Pair pair(url());
  pair.open();
  const std::string own_url = unique_url(GetParam());
  Process child([&] {
    Pair own(own_url);
    EXPECT_EQ(own.called.add(3, 4).call(), 7);
    if (url().starts_with("inproc")) return;
    SampleApi called("sample");
    ApiArb head(connect(url()), {.name = "child"});
    head.attach(called);
    EXPECT_EQ(called.add(1, 2).call(), 3);  // a head of its parent's body
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Forks);

}  // namespace
}  // namespace vagus::testing
