// Calls and messages that are made while a link is down which was open before.

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"
#include "conformance/story.hpp"

namespace vagus::testing {
namespace {

constexpr CallOptions queued{.when_down = WhenDown::queue};

class DownApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int)> twice{this, "twice"};
  Method<int(int)> safe{this, "safe", "May be sent again.",
                        MethodOptions{.when_down = WhenDown::queue, .idempotent = true}};
  Event<void(int)> noted{this, "noted", "Waits for a link.", MethodOptions{.when_down = WhenDown::queue}};
  Event<void(int)> ticked{this, "ticked"};
};

/// A body that writes down what reaches it.
struct Body {
  explicit Body(const std::string& url) : arb(listen(url), {.name = "body", .log = log.log()}) {
    served.twice.handle([this](int number) {
      reached.add("twice " + std::to_string(number));
      return 2 * number;
    });
    served.safe.handle([this](int number) {
      reached.add("safe " + std::to_string(number));
      return 2 * number;
    });
    arb.attach(served);
    arb.attach(stub);
    arb.start();
  }
  Notes reached;
  RecordedLog log;
  DownApi served{"down"};
  DownApi stub{"down"};
  Registration noting =
      stub.noted.subscribe([this](int number) { reached.add("noted " + std::to_string(number)); });
  Registration ticking =
      stub.ticked.subscribe([this](int number) { reached.add("ticked " + std::to_string(number)); });
  ApiArb arb;
};

/// A head whose body has gone.
class WhileDown : public Conformance {
 protected:
  void lose_the_body(const ApiOptions& options = {}) {
    called.emplace("down", options);
    head.emplace(connect(url()), ArbOptions{.name = "head", .log = log.log()});
    listening.emplace(story.listen_to(*head));
    head->attach(*called);
    {
      Body body(url());
      ASSERT_EQ(called->twice(1).call(), 2);
    }
    ASSERT_TRUE(story.await(LinkState::disconnected));
  }

  RecordedLog log;
  Story story;
  std::optional<DownApi> called;
  std::optional<ApiArb> head;
  std::optional<Registration> listening;
};

TEST_P(WhileDown, a_call_that_is_to_wait_is_answered_when_the_body_is_back) {
  lose_the_body();
  const auto first = called->twice(5).async(queued);
  const auto second = called->twice(6).async(queued);
  std::optional<Result<int>> third;
  std::thread caller([&] { third = called->twice(7).try_call(queued); });
  EXPECT_FALSE(first.ready());
  Body body(url());
  EXPECT_EQ(first.get(), 10);
  EXPECT_EQ(second.get(), 12);
  caller.join();
  EXPECT_EQ(third->value(), 14);
  EXPECT_EQ(body.reached.lines().at(0), "twice 5");
}

TEST_P(WhileDown, one_that_is_not_fails_at_once_also_beside_those_that_wait) {
  lose_the_body();
  const auto error = error_of(called->twice(1));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::transport_disconnected);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  const auto waiting = called->twice(2).async(queued);
  EXPECT_EQ(error_of(called->twice(3))->code(), ErrorCode::transport_disconnected);
  EXPECT_THROW(called->twice(4).async().get(), TransportDisconnectedError);
  EXPECT_THROW(called->safe(5).call({.when_down = WhenDown::fail}), TransportDisconnectedError);
  EXPECT_FALSE(waiting.ready());
  Body body(url());
  EXPECT_EQ(waiting.get(), 4);
}

TEST_P(WhileDown, the_deadline_ends_the_waiting) {
  lose_the_body();
  const auto error = error_of(called->twice(1), {.timeout = 5ms, .when_down = WhenDown::queue});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::transaction_timeout);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_THROW(called->twice(1).async({.timeout = 5ms, .when_down = WhenDown::queue}).get(),
               TransactionTimeout);
  Body body(url());
  head->wait_open(generous);
  EXPECT_EQ(called->twice(2).call(), 4);
  EXPECT_EQ(body.reached.lines(), (std::vector<std::string>{"twice 2"}));
}

TEST_P(WhileDown, a_full_queue_refuses_the_newest) {
  lose_the_body({.when_down = WhenDown::queue, .down_queue = {.capacity = 2}});
  const auto first = called->twice(1).async();
  const auto second = called->twice(2).async();
  const auto error = called->twice(3).try_call().error_pointer();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::overloaded);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_TRUE(first.cancel());  // which makes room
  const auto fourth = called->twice(4).async();
  Body body(url());
  EXPECT_EQ(second.get(), 4);
  EXPECT_EQ(fourth.get(), 8);
  EXPECT_THROW(first.get(), TransactionCancelled);
}

TEST_P(WhileDown, a_full_queue_drops_the_oldest_if_it_is_told_to) {
  lose_the_body(
      {.when_down = WhenDown::queue, .down_queue = {.capacity = 2, .when_full = WhenQueueFull::drop_oldest}});
  const auto first = called->twice(1).async();
  called->noted(2).post();
  const auto third = called->twice(3).async();
  EXPECT_THROW(first.get(), OverloadedError);
  const auto fourth = called->twice(4).async();  // in place of the event
  const auto stats = head->stats();
  EXPECT_EQ(stats.calls_dropped, 1u);
  EXPECT_EQ(stats.posts_dropped, 1u);
  Body body(url());
  EXPECT_EQ(third.get(), 6);
  EXPECT_EQ(fourth.get(), 8);
  EXPECT_EQ(body.reached.lines(), (std::vector<std::string>{"twice 3", "twice 4"}));
}

TEST_P(WhileDown, a_full_queue_blocks_who_calls_if_it_is_told_to) {
  lose_the_body(
      {.when_down = WhenDown::queue, .down_queue = {.capacity = 1, .when_full = WhenQueueFull::block}});
  const auto first = called->twice(1).async();
  EXPECT_THROW(called->twice(2).call({.timeout = 5ms}), Error);
  std::optional<AsyncResult<int>> third;
  std::thread caller([&] { third = called->twice(3).async(); });
  EXPECT_TRUE(first.cancel());
  caller.join();
  Body body(url());
  EXPECT_EQ(third->get(), 6);
}

TEST_P(WhileDown, who_waits_for_a_place_gets_that_of_a_message_that_expires) {
  lose_the_body(
      {.when_down = WhenDown::queue, .down_queue = {.capacity = 1, .when_full = WhenQueueFull::block}});
  called->noted(1).post({.timeout = 5ms});
  EXPECT_NO_THROW(called->noted(2).post({.timeout = generous}));
  EXPECT_EQ(head->stats().posts_dropped, 1u);
}

TEST_P(WhileDown, what_all_queues_hold_together_is_bounded_as_well) {
  DownApi busy{"busy", {.when_down = WhenDown::queue}};
  DownApi blocking{"down", {.when_down = WhenDown::queue, .down_queue = {.when_full = WhenQueueFull::block}}};
  ApiArb arb{connect(url()), {.max_pending = 2, .log = log.log()}};
  arb.attach(busy);
  arb.attach(blocking);
  const auto first = busy.twice(1).async();
  const auto second = busy.twice(2).async();
  EXPECT_THROW(busy.twice(3).call(), OverloadedError);
  EXPECT_THROW(blocking.twice(4).call({.timeout = 5ms}), Error);
  std::optional<AsyncResult<int>> fifth;
  std::thread caller([&] { fifth = blocking.twice(5).async(); });
  EXPECT_TRUE(first.cancel());
  caller.join();
  Body body(url());
  EXPECT_EQ(fifth->get(), 10);
}

TEST_P(WhileDown, events_that_are_to_wait_arrive_in_their_order) {
  lose_the_body();
  const auto unheard = head->stats().events_unheard;
  called->ticked(0).post();
  EXPECT_EQ(head->stats().events_unheard, unheard + 1);
  for (int number = 1; number <= 3; ++number) called->noted(number).post();
  const auto call = called->twice(9).async(queued);
  Body body(url());
  EXPECT_EQ(call.get(), 18);
  called->noted(4).post();
  ASSERT_TRUE(body.reached.await_line("noted 4"));
  std::vector<std::string> notes;
  for (const std::string& line : body.reached.lines()) {
    if (line.starts_with("noted")) notes.push_back(line);
  }
  EXPECT_EQ(notes, (std::vector<std::string>{"noted 1", "noted 2", "noted 3", "noted 4"}));
}

TEST_P(WhileDown, events_before_the_first_link_wait_as_well) {
  DownApi early{"down"};
  ApiArb arb{connect(url()), {.log = log.log()}};
  arb.attach(early);
  early.noted(1).post();
  early.ticked(1).post();
  Body body(url());
  EXPECT_TRUE(body.reached.await_line("noted 1"));
  EXPECT_EQ(arb.stats().events_unheard, 1u);
}

TEST_P(WhileDown, a_method_is_posted_when_the_body_is_back) {
  lose_the_body();
  EXPECT_THROW(called->twice(1).post(), TransportDisconnectedError);
  called->twice(2).post({.when_down = WhenDown::queue});
  Body body(url());
  EXPECT_TRUE(body.reached.await_line("twice 2"));
  EXPECT_EQ(body.reached.lines().size(), 1u);
}

TEST_P(WhileDown, stopping_ends_what_waits) {
  lose_the_body();
  const auto call = called->twice(1).async(queued);
  called->noted(1).post();
  head->stop();
  EXPECT_THROW(call.get(), TransportFinishedError);
  EXPECT_EQ(head->stats().posts_dropped, 1u);
}

/// A body that takes a request and dies of it.
void die_of_a_request(const std::string& url) {
  RawBody raw(url);
  const auto link = raw.accept();
  link->open({"down.safe", "down.twice"});
  ASSERT_TRUE(link->receive_call());
}

TEST_P(WhileDown, only_an_idempotent_call_is_sent_again) {
  DownApi stub{"down"};
  Story of_head;
  ApiArb arb{connect(url()), {.log = log.log()}};
  const auto told = of_head.listen_to(arb);
  arb.attach(stub);
  const auto safe = stub.safe(4).async();
  die_of_a_request(url());
  ASSERT_TRUE(of_head.await(LinkState::disconnected));
  EXPECT_FALSE(safe.ready());
  EXPECT_THROW(stub.safe(5).call({.timeout = 5ms}), TransactionTimeout);
  Body body(url());
  EXPECT_EQ(safe.get(), 8);
  EXPECT_EQ(arb.stats().calls_resent, 1u);
}

TEST_P(WhileDown, a_call_that_is_not_idempotent_is_never_sent_twice) {
  DownApi stub{"down"};
  ApiArb arb{connect(url()), {.log = log.log()}};
  arb.attach(stub);
  const auto call = stub.twice(4).async(queued);
  die_of_a_request(url());
  EXPECT_THROW(call.get(), TransportDisconnectedError);
  EXPECT_EQ(call.error()->execution(), Execution::unknown);
}

TEST_P(WhileDown, a_call_that_was_sent_may_have_run_though_it_waits_to_be_sent_again) {
  const auto expect_unknown = [&](const auto& end) {
    DownApi stub{"down"};
    Story of_head;
    ApiArb arb{connect(url()), {.log = log.log()}};
    const auto told = of_head.listen_to(arb);
    arb.attach(stub);
    const auto safe = stub.safe(4).async();
    die_of_a_request(url());
    ASSERT_TRUE(of_head.await(LinkState::disconnected));
    while (arb.stats().calls_resent == 0) std::this_thread::yield();
    end(arb, safe);
    ASSERT_TRUE(safe.wait(generous));
    ASSERT_TRUE(safe.error());
    EXPECT_EQ(safe.error()->execution(), Execution::unknown) << safe.error()->what();
  };
  expect_unknown([](ApiArb& arb, const auto&) { arb.stop(); });
  expect_unknown([](ApiArb&, const auto& safe) { EXPECT_TRUE(safe.cancel()); });
}

TEST_P(WhileDown, a_call_to_one_peer_that_has_taken_it_and_died_may_have_run) {
  DownApi stub{"down"};
  ApiArb arb{connect(url()), {.log = log.log()}};
  arb.attach(stub);
  arb.start();
  std::optional<AsyncResult<int>> safe;
  {
    RawBody raw(url());
    const auto link = raw.accept();
    link->open({"down.safe"});
    arb.wait_open(generous);
    safe = stub.safe(4).to(arb.peers().at(0)).async();
    EXPECT_TRUE(link->receive_call());
  }
  EXPECT_THROW(safe->get(), TransportDisconnectedError);
  EXPECT_EQ(safe->error()->execution(), Execution::unknown);
}

TEST_P(WhileDown, what_a_call_that_is_sent_again_leads_to_comes_to_the_worker_that_waits_for_it) {
  DownApi stub{"down"};
  DownApi desk{"desk", {.workers = 1}};
  desk.twice.handle([&](int number) { return stub.safe(number).call(); });
  desk.safe.handle([](int number) { return number + 1; });
  ApiArb arb{connect(url()), {.log = log.log()}};
  arb.attach(stub);
  arb.attach(desk);
  arb.start();
  std::optional<AsyncResult<int>> result;
  {
    RawBody raw(url());
    const auto link = raw.accept();
    link->open({"down.safe"});
    arb.wait_open(generous);
    result = desk.twice(4).local().async({.timeout = generous});
    EXPECT_TRUE(link->receive_call());
  }
  DownApi served{"down"};
  DownApi desk_stub{"desk"};
  served.safe.handle([&](int number) { return desk_stub.safe(number).call(); });
  ApiArb body{listen(url()), {.log = log.log()}};
  body.attach(served);
  body.attach(desk_stub);
  body.start();
  EXPECT_EQ(result->get(), 5);
  EXPECT_EQ(arb.stats().calls_resent, 1u);
}

TEST_P(WhileDown, a_blocked_caller_of_an_idempotent_method_outlives_its_body) {
  DownApi stub{"down"};
  ApiArb arb{connect(url()), {.log = log.log()}};
  arb.attach(stub);
  arb.start();
  std::optional<Result<int>> result;
  std::thread caller;
  {
    RawBody raw(url());
    auto link = raw.accept();
    link->open({"down.safe"});
    arb.wait_open(generous);
    caller = std::thread([&] { result = stub.safe(4).try_call(); });
    EXPECT_TRUE(link->receive_call());
  }
  Body body(url());
  caller.join();
  EXPECT_EQ(result->value(), 8);
  EXPECT_EQ(arb.stats().calls_resent, 1u);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(WhileDown);

/// A head whose body reads nothing while more waits for it than the link holds, and then dies.
class WhileItIsSent : public Conformance {
 protected:
  WhileItIsSent() { head.attach(called); }

  /// Has it come, take the first request or event of many, and die.
  void come_and_die() {
    RawBody raw(url());
    const auto link = raw.accept();
    link->open({"down.safe"}, {"down.noted"});
    EXPECT_TRUE(link->receive_call());
  }

  static constexpr int more_than_fits = 1000;
  RecordedLog log;
  DownApi called{"down"};
  ApiArb head{connect(with_option(url(), "ring=4096")), {.log = log.log()}};
};

TEST_P(WhileItIsSent, a_message_that_meets_the_end_of_the_link_waits_for_the_next_one) {
  for (int number = 0; number < more_than_fits; ++number) called.noted(number).post();
  come_and_die();
  Body body(url());
  ASSERT_TRUE(body.reached.await_line("noted " + std::to_string(more_than_fits - 1)));
  EXPECT_EQ(head.stats().posts_dropped, 0u);
  // What was in the link is lost, and nothing else.
  const auto reached = body.reached.lines();
  const int first = more_than_fits - static_cast<int>(reached.size());
  for (std::size_t at = 0; at < reached.size(); ++at) {
    EXPECT_EQ(reached[at], "noted " + std::to_string(first + static_cast<int>(at)));
  }
}

TEST_P(WhileItIsSent, an_idempotent_call_that_meets_the_end_of_the_link_waits_for_the_next_one) {
  std::vector<AsyncResult<int>> results;
  for (int number = 0; number < more_than_fits; ++number) results.push_back(called.safe(number).async());
  come_and_die();
  Body body(url());
  for (int number = 0; number < more_than_fits; ++number) {
    EXPECT_EQ(results[static_cast<std::size_t>(number)].get(), 2 * number);
  }
}

TEST_P(WhileItIsSent, a_caller_that_waits_for_space_outlives_the_link) {
  head.start();
  std::optional<Result<int>> result;
  std::thread caller;
  {
    RawBody raw(url());
    const auto link = raw.accept();
    link->open({"down.safe"}, {"down.ticked"});
    head.wait_open(generous);
    const auto fill = [&] {
      for (;;) called.ticked(0).post({.when_full = WhenFull::refuse});
    };
    EXPECT_THROW(fill(), OverloadedError);
    caller = std::thread([&] { result = called.safe(4).try_call({.timeout = generous}); });
    while (head.transactions().pending() == 0) std::this_thread::yield();
  }
  Body body(url());
  caller.join();
  EXPECT_EQ(result->value(), 8);
}

VAGUS_OVER_EACH_TRANSPORT_OF_MEMORY(WhileItIsSent);

}  // namespace
}  // namespace vagus::testing
