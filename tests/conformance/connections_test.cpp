// Several links to one peer: `?connections=n`.

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"
#include "conformance/story.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

constexpr std::size_t connections = 3;

/// A body, and a head with several links to it.
struct PooledPair {
  explicit PooledPair(const std::string& url, unsigned workers = 1)
      : served("sample", {.workers = workers}),
        desk("desk"),
        body(listen(url), {.name = "body", .log = log.log()}),
        head(connect(with_option(url, "connections=" + std::to_string(connections))),
             {.name = "head", .log = log.log()}) {
    body.attach(served);
    body.attach(called_desk);
    head.attach(called);
    head.attach(desk);
    body.start();
  }
  /// All links are open, on both sides.
  bool open() {
    head.wait_open(generous);
    const Deadline deadline = Deadline::after(generous);
    while (head.stats().links != connections || body.stats().links != connections) {
      if (deadline.passed()) return false;
      std::this_thread::yield();
    }
    return true;
  }

  RecordedLog log;
  SampleService service;
  SampleApi served;
  SampleApi called{"sample"};
  SampleApi desk;
  SampleApi called_desk{"desk"};
  Registration serving = serve(served, service);
  Registration serving_desk = serve(desk, service);
  ApiArb body;
  ApiArb head;
};

class Connections : public Conformance {};

TEST_P(Connections, are_one_peer_to_both_sides) {
  Story of_head;
  Story of_body;
  PooledPair pair(url());
  const auto listening_head = of_head.listen_to(pair.head);
  const auto listening_body = of_body.listen_to(pair.body);
  ASSERT_TRUE(pair.open());
  EXPECT_EQ(pair.head.peers().size(), 1u);
  EXPECT_EQ(pair.body.peers().size(), 1u);
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  EXPECT_EQ(pair.called_desk.add(1, 2).call(), 3);  // not "handled by 3 peers"
  EXPECT_EQ(pair.called.add(1, 2).to(pair.head.peers().front()).call(), 3);
  EXPECT_EQ(pair.called.add(1, 2).any().call(), 3);
  EXPECT_EQ(pair.called.add(1, 2).all().call().size(), 1u);
  EXPECT_EQ(pair.head.ping(Duration(generous)).size(), 1u);
  pair.head.stop();
  ASSERT_TRUE(of_body.await(LinkState::disconnected));
  pair.body.stop();
  const auto opened = [](const Story& story) {
    const auto states = story.states();
    return std::count(states.begin(), states.end(), LinkState::open);
  };
  EXPECT_EQ(opened(of_head), 1);
  EXPECT_EQ(opened(of_body), 1);
}

TEST_P(Connections, are_used_by_the_threads_that_call) {
  PooledPair pair(url());
  ASSERT_TRUE(pair.open());
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < connections; ++caller) {
    callers.emplace_back([&] {
      for (int number = 0; number < 200; ++number) EXPECT_EQ(pair.called.add(number, 1).call(), number + 1);
    });
  }
  for (std::thread& caller : callers) caller.join();
  const auto links = pair.head.peer_stats();
  ASSERT_EQ(links.size(), connections);
  for (const PeerStats& link : links) EXPECT_GE(link.sent.messages, 200u);
}

TEST_P(Connections, keep_what_a_thread_sends_in_order) {
  constexpr int calls = 500;
  std::vector<int> came;  // by the only worker
  PooledPair pair(url());
  pair.served.work.handle([&](int number) {
    came.push_back(number);
    return number;
  });
  ASSERT_TRUE(pair.open());
  std::vector<AsyncResult<int>> results;
  for (int number = 0; number < calls; ++number) results.push_back(pair.called.work(number).async());
  for (int number = 0; number < calls; ++number) {
    EXPECT_EQ(results[static_cast<std::size_t>(number)].get(), number);
  }
  EXPECT_TRUE(std::is_sorted(came.begin(), came.end()));
  EXPECT_EQ(came.size(), static_cast<std::size_t>(calls));
}

TEST_P(Connections, bring_each_event_once_and_in_order) {
  constexpr int events = 500;
  std::vector<int> heard;  // one at a time
  Tally count;
  PooledPair pair(url());
  const auto subscription = pair.called.ticked.subscribe([&](int number) {
    heard.push_back(number);
    count.add();
  });
  ASSERT_TRUE(pair.open());
  pair.called.nothing().call();  // the body knows of the subscription
  for (int number = 0; number < events; ++number) pair.served.ticked(number).post();
  ASSERT_TRUE(count.await(events));
  pair.called.nothing().call();
  EXPECT_EQ(heard.size(), static_cast<std::size_t>(events));
  EXPECT_TRUE(std::is_sorted(heard.begin(), heard.end()));
}

TEST_P(Connections, take_calls_back_and_forth_with_one_worker_on_each_side) {
  PooledPair pair(url());
  pair.served.work.handle(
      [&](int number) { return number == 0 ? 0 : 1 + pair.called_desk.work(number - 1).call(); });
  pair.desk.work.handle(
      [&](int number) { return number == 0 ? 0 : 1 + pair.called.work(number - 1).call(); });
  ASSERT_TRUE(pair.open());
  for (int caller = 0; caller < 4; ++caller) {  // one chain at a time: there is one worker
    std::thread([&] { EXPECT_EQ(pair.called.work(6).call({.timeout = generous}), 6); }).join();
  }
}

TEST_P(Connections, lend_memory) {
  PooledPair pair(url());
  ASSERT_TRUE(pair.open());
  const Bytes bytes(100'000, std::byte{7});
  EXPECT_EQ(pair.called.bytes(bytes).call(), bytes);
}

/// Tells its state to whoever listens.
class StateApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  Property<int> state{this, "state"};
};

TEST_P(Connections, bring_the_last_value_of_a_property_again_when_one_of_them_is_lost) {
  RawBody observer(url());
  StateApi held("machine");
  held.state.update(7);
  ApiArb holder(connect(with_option(url(), "connections=2")), {.name = "holder"});
  holder.attach(held);
  holder.start();
  auto first = observer.accept();
  const auto second = observer.accept();
  const Value told(Value::Array{2, "machine.state.changed", Value::Array{7}});
  first->open({}, {"machine.state.changed"});
  EXPECT_EQ(first->receive_call(), told);
  second->open({}, {"machine.state.changed"});
  while (holder.stats().links != 2) std::this_thread::yield();
  first.reset();  // with it what was on its way
  EXPECT_EQ(second->receive_call(), told);
}

TEST_P(Connections, come_back_all_of_them_after_the_body_has) {
  Story story;
  PooledPair pair(url());
  ASSERT_TRUE(pair.open());
  const auto listening = story.listen_to(pair.head);
  pair.body.stop();
  ASSERT_TRUE(story.await(LinkState::disconnected));
  EXPECT_EQ(error_of(pair.called.add(1, 1))->code(), ErrorCode::transport_disconnected);
  SampleService service;
  SampleApi served("sample");
  const auto serving = serve(served, service);
  ApiArb second(listen(url()), {.name = "body"});
  second.attach(served);
  second.start();
  const Deadline deadline = Deadline::after(generous);
  while (pair.head.stats().links != connections && !deadline.passed()) std::this_thread::yield();
  EXPECT_EQ(pair.head.stats().links, connections);
  EXPECT_EQ(pair.head.peers().size(), 1u);
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
}

VAGUS_OVER_EACH_TRANSPORT(Connections);

TEST(ConnectionsInAUrl, are_a_number_and_for_who_connects) {
  for (const char* const wrong : {"0", "65", "many", "", "2x", "-1"}) {
    EXPECT_THROW(ApiArb(connect(std::string("inproc://any?connections=") + wrong)), ApiParamError) << wrong;
  }
  EXPECT_THROW(ApiArb(listen("inproc://any?connections=2")), ApiParamError);
  EXPECT_NO_THROW(ApiArb(connect("inproc://any?connections=1")));
}

// Bodies that are killed
// ---------------------------------------------------------------------------------------------------

/// A body in a process of its own, which says its number and never answers `other`.
class BodyProcess {
 public:
  enum class Start : std::uint8_t { at_once, when_told };

  BodyProcess(const std::string& url, int number, Start start)
      : process_([this, url, number, start] {
          if (start == Start::when_told) told_.wait();
          SampleApi served("sample", {.workers = 8});
          Flag never;
          served.work.handle([&](int) { return number; });
          served.other.handle([&](int) {
            never.await();
            return number;
          });
          ApiArb body(listen(url), {.name = "body " + std::to_string(number)});
          body.attach(served);
          body.run();
        }) {}
  void start() const { told_.raise(); }
  /// Returns when it is gone, and its address free.
  void kill() {
    process_.kill();
    process_.wait();
  }

 private:
  const Signpost told_;
  Process process_;
};

TEST(ConnectionsToAProcess, fail_together_when_it_is_killed_and_come_back_together) {
  const auto url = unique_url("shm");
  BodyProcess first(url, 1, BodyProcess::Start::at_once);
  const BodyProcess second(url, 2, BodyProcess::Start::when_told);
  Story story;
  SampleApi called("sample");
  ApiArb head(connect(with_option(url, "connections=3")));
  const auto listening = story.listen_to(head);
  head.attach(called);
  EXPECT_EQ(called.work(0).call(), 1);
  std::vector<AsyncResult<int>> pending;
  for (int number = 0; number < 6; ++number) {
    std::thread([&] { pending.push_back(called.other(number).async({.timeout = no_timeout})); }).join();
  }
  first.kill();
  for (const auto& call : pending) {
    ASSERT_TRUE(call.wait(generous));
    EXPECT_EQ(call.error()->code(), ErrorCode::transport_disconnected);
  }
  ASSERT_TRUE(story.await(LinkState::disconnected));
  second.start();
  ASSERT_TRUE(story.await(LinkState::open, 2));
  EXPECT_EQ(called.work(0).call(), 2);
  EXPECT_EQ(head.peers().size(), 1u);
  EXPECT_TRUE(story.last(LinkState::open).peer_restarted);
}

/// Three bodies at addresses of their own, and a head of all of them.
class ThreeBodies : public ::testing::Test {
 protected:
  ThreeBodies() {
    arb_.attach(called_);
    arb_.wait_open(generous);
  }
  std::set<int> who_answers(int calls) {
    std::set<int> numbers;
    for (int call = 0; call < calls; ++call) numbers.insert(called_.work(0).any().call());
    return numbers;
  }

  const std::string urls_[3] = {unique_url("shm"), unique_url("shm"), unique_url("shm")};
  const BodyProcess first_{urls_[0], 1, BodyProcess::Start::at_once};
  BodyProcess second_{urls_[1], 2, BodyProcess::Start::at_once};
  const BodyProcess third_{urls_[2], 3, BodyProcess::Start::at_once};
  const BodyProcess successor_{urls_[1], 22, BodyProcess::Start::when_told};
  Story story_;
  SampleApi called_{"sample"};
  ApiArb arb_{{connect(urls_[0]), connect(urls_[1]), connect(urls_[2])}};
  Registration listening_ = story_.listen_to(arb_);
};

TEST_F(ThreeBodies, answer_in_turn_and_without_the_one_that_is_killed_until_it_is_back) {
  EXPECT_EQ(who_answers(3), (std::set<int>{1, 2, 3}));
  second_.kill();
  ASSERT_TRUE(story_.await(LinkState::disconnected));
  EXPECT_EQ(who_answers(4), (std::set<int>{1, 3}));
  successor_.start();
  while (arb_.peers().size() != 3) std::this_thread::yield();
  EXPECT_EQ(who_answers(3), (std::set<int>{1, 3, 22}));
}

TEST_F(ThreeBodies, that_are_killed_fail_the_calls_that_they_had_and_no_others) {
  std::vector<AsyncResult<int>> pending;
  for (int number = 0; number < 9; ++number) {
    pending.push_back(called_.other(number).any().async({.timeout = no_timeout}));
  }
  second_.kill();
  ASSERT_TRUE(story_.await(LinkState::disconnected));
  const auto failed = [&] {
    return std::count_if(pending.begin(), pending.end(), [](const auto& call) { return call.ready(); });
  };
  const Deadline deadline = Deadline::after(generous);
  while (failed() < 3 && !deadline.passed()) std::this_thread::yield();
  EXPECT_EQ(who_answers(20), (std::set<int>{1, 3}));
  EXPECT_EQ(failed(), 3);
  for (const auto& call : pending) {
    if (call.ready()) {
      EXPECT_EQ(call.error()->execution(), Execution::unknown);
    }
  }
}

TEST_F(ThreeBodies, take_over_idempotent_calls_of_the_one_that_is_killed) {
  class RepeatableApi : public ApiBase {
   public:
    using ApiBase::ApiBase;
    Method<int(int)> work{this, "work", "", MethodOptions{.when_down = WhenDown::queue, .idempotent = true}};
    Method<int(int)> other{this, "other", "",
                           MethodOptions{.when_down = WhenDown::queue, .idempotent = true}};
  };
  RepeatableApi repeatable("sample");
  arb_.attach(repeatable);
  std::vector<AsyncResult<int>> pending;
  for (int number = 0; number < 3; ++number) pending.push_back(repeatable.other(number).any().async());
  second_.kill();
  ASSERT_TRUE(story_.await(LinkState::disconnected));
  while (arb_.stats().calls_resent == 0) std::this_thread::yield();
  EXPECT_EQ(arb_.stats().calls_resent, 1u);
  EXPECT_EQ(who_answers(4), (std::set<int>{1, 3}));
  for (auto& call : pending) {
    EXPECT_FALSE(call.ready());
    call.cancel();
  }
}

TEST_F(ThreeBodies, are_gathered_from_the_dead_one_s_error_included) {
  auto gathered = called_.other(0).all().async({.timeout = 1s});
  second_.kill();
  ASSERT_TRUE(gathered.wait(generous));
  const auto results = gathered.get();
  ASSERT_EQ(results.size(), 3u);
  int disconnected = 0;
  int late = 0;
  for (const auto& [peer, result] : results) {
    ASSERT_FALSE(result.has_value());
    const ErrorCode code = result.error().code();
    if (code == ErrorCode::transport_disconnected) {
      EXPECT_EQ(peer.name, "body 2");
      ++disconnected;
    }
    if (code == ErrorCode::transaction_timeout) ++late;
  }
  EXPECT_EQ(disconnected, 1);
  EXPECT_EQ(late, 2);
  EXPECT_EQ(called_.work(0).all().call().size(), 2u);
}

TEST_F(ThreeBodies, a_call_that_does_not_say_which_is_an_error) {
  EXPECT_THROW(called_.work(0).call(), MultipleApiResponseError);
}

}  // namespace
}  // namespace vagus::testing
