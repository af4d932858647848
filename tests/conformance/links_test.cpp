// How links come and go, and what becomes of the calls on them.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "conformance.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

class Links : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string url_ = unique_url(GetParam());
};

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Links);

/// A body that can be had, and lost, again and again.
struct Body {
  explicit Body(const std::string& url) : arb(listen(url)) {
    api.add_handlers();
    arb.attach(api);
    arb.start();
  }
  struct Api : SampleApi {
    using SampleApi::SampleApi;
    void add_handlers() {
      add.handle([](int a, int b) { return a + b; });
      work.handle([](Call& call, int milliseconds) {
        call.sleep_for(std::chrono::milliseconds(milliseconds));
        return milliseconds;
      });
    }
  };
  Api api{"sample", {.workers = 2}};
  ApiArb arb;
};

/// What was heard of the links, in order.
class Story {
 public:
  void add(const LinkEvent& event) {
    MutexLock lock(mutex_);
    states_.push_back(event.state);
    restarted_ = restarted_ || event.peer_restarted;
    changed_.notify_all();
  }
  bool wait_for(LinkState state, std::size_t count) {
    MutexLock lock(mutex_);
    const Deadline deadline = Deadline::after(60s);
    while (static_cast<std::size_t>(std::count(states_.begin(), states_.end(), state)) < count) {
      if (!wait_until(changed_, lock, deadline)) return false;
    }
    return true;
  }
  std::vector<LinkState> states() {
    MutexLock lock(mutex_);
    return states_;
  }
  bool restarted() {
    MutexLock lock(mutex_);
    return restarted_;
  }

 private:
  Mutex mutex_;
  std::condition_variable changed_;
  std::vector<LinkState> states_;
  bool restarted_ = false;
};

TEST_P(Links, open_by_themselves_when_the_body_comes_after_the_head) {
  SampleApi api{"sample"};
  ApiArb head{connect(url_)};
  head.attach(api);
  const auto early = api.add(1, 2).async({.timeout = 60s});
  const Body body(url_);
  EXPECT_EQ(early.get(), 3);
  EXPECT_EQ(api.add(3, 4).call(), 7);
  EXPECT_TRUE(head.connected());
}

TEST_P(Links, come_back_with_the_same_objects_when_the_body_is_started_again_and_tell_the_story_in_order) {
  SampleApi api{"sample"};
  ApiArb head{connect(url_)};
  head.attach(api);
  Story story;
  const auto listening = head.on_state([&](const LinkEvent& event) { story.add(event); });
  std::optional<Body> body;
  body.emplace(url_);
  head.wait_open(60s);
  EXPECT_EQ(api.add(1, 2).call(), 3);
  body.reset();
  ASSERT_TRUE(story.wait_for(LinkState::disconnected, 1));
  EXPECT_THROW(api.add(1, 2).call(), TransportDisconnectedError);
  body.emplace(url_);
  ASSERT_TRUE(story.wait_for(LinkState::open, 2));
  EXPECT_EQ(api.add(3, 4).call(), 7);
  EXPECT_TRUE(story.restarted());
  head.stop();
  EXPECT_EQ(story.states(), (std::vector{LinkState::connecting, LinkState::open, LinkState::disconnected,
                                         LinkState::open, LinkState::disconnected, LinkState::closed}));
}

TEST_P(Links, that_end_fail_the_calls_that_are_pending_on_them) {
  SampleApi api{"sample"};
  ApiArb head{connect(url_)};
  head.attach(api);
  std::optional<Body> body;
  body.emplace(url_);
  head.wait_open(60s);
  Flag begun;
  body->api.other.handle([&](Call& call, int) {
    begun.raise();
    call.sleep_for(60s);
    return 1;
  });
  const auto pending = api.other(1).async({.timeout = 60s});
  ASSERT_TRUE(begun.await());
  body.reset();
  EXPECT_TRUE(pending.wait(60s));
  ASSERT_NE(pending.error(), nullptr);
  EXPECT_EQ(head.transactions().pending(), 0u);
}

TEST_P(Links, that_are_not_there_make_wait_open_say_so) {
  ApiArb head{connect(url_)};
  try {
    head.wait_open(20ms);
    FAIL() << "nobody was there";
  } catch (const ConnectionTimeoutError& error) {
    EXPECT_NE(std::string(error.what()).find(url_), std::string::npos) << error.what();
  }
}

TEST_P(Links, are_refused_to_a_second_body_under_the_same_name) {
  const Body first(url_);
  SampleApi api{"sample"};
  ApiArb second{listen(url_)};
  second.attach(api);
  EXPECT_THROW(second.start(), TransportDisconnectedError);
}

TEST_P(Links, of_an_arbitrator_that_goes_fail_its_calls_and_run_each_callback_once) {
  const Body body(url_);
  std::atomic<int> failed{0};
  std::atomic<int> called{0};
  {
    SampleApi api{"sample"};
    ApiArb head{connect(url_)};
    head.attach(api);
    head.wait_open(60s);
    for (int call = 0; call < 8; ++call) {
      api.work(60'000).async(
          [&](Result<int> result) {
            ++called;
            if (!result && result.error().code() == ErrorCode::transport_finished) ++failed;
          },
          {.timeout = 60s});
    }
  }
  EXPECT_EQ(called, 8);
  EXPECT_EQ(failed, 8);
}

TEST_P(Links, end_with_an_arbitrator_that_is_destroyed_in_its_own_callback) {
  const Body body(url_);
  SampleApi api{"sample"};
  auto head = std::make_unique<ApiArb>(connect(url_));
  head->attach(api);
  head->wait_open(60s);
  Flag destroyed;
  api.add(1, 2).async([&](Result<int> result) {
    EXPECT_TRUE(result.has_value());
    head.reset();
    destroyed.raise();
  });
  ASSERT_TRUE(destroyed.await());
  EXPECT_THROW(api.add(1, 2).call(), TransportFinishedError);
}

TEST_P(Links, end_with_an_api_that_is_destroyed_in_a_callback_of_its_own_call) {
  const Body body(url_);
  auto api = std::make_unique<SampleApi>("sample");
  ApiArb head{connect(url_)};
  head.attach(*api);
  head.wait_open(60s);
  Flag destroyed;
  api->add(1, 2).async([&](Result<int> result) {
    EXPECT_TRUE(result.has_value());
    api.reset();
    destroyed.raise();
  });
  ASSERT_TRUE(destroyed.await());
  EXPECT_EQ(head.proxy("sample").action("add", 1, 2).call<int>(), 3);
}

TEST_P(Links, run_until_stop_is_asked_for_inside_a_handler) {
  SampleApi served{"sample"};
  ApiArb body{listen(url_)};
  served.nothing.handle([&] { body.stop(); });
  body.attach(served);
  std::thread running([&] { body.run(); });
  {
    SampleApi api{"sample"};
    ApiArb head{connect(url_)};
    head.attach(api);
    api.nothing().call();
  }
  running.join();
}

TEST_P(Links, let_running_handlers_finish_within_the_grace_of_a_stop) {
  SampleApi served{"sample"};
  ApiArb body{listen(url_)};
  Flag begun;
  Flag go_on;
  served.work.handle([&](int value) {
    begun.raise();
    go_on.await();
    return value;
  });
  body.attach(served);
  body.start();
  SampleApi api{"sample"};
  ApiArb head{connect(url_)};
  head.attach(api);
  const auto pending = api.work(5).async({.timeout = 60s});
  ASSERT_TRUE(begun.await());
  std::thread stopping([&] { body.stop(60s); });
  go_on.raise();
  EXPECT_EQ(pending.get(), 5);
  stopping.join();
}

TEST_P(Links, use_the_ids_of_a_generator_that_was_handed_in) {
  const Body body(url_);
  TransactionIdGenerator generator(Side::head, TransactionId::max_number);
  SampleApi api{"sample"};
  ApiArb head{connect(url_), {.transaction_ids = generator}};
  head.attach(api);
  const auto last = api.add(1, 2).async();
  EXPECT_EQ(last.get(), 3);
  EXPECT_EQ(last.id(), TransactionId(Side::head, TransactionId::max_number));
  const auto first = api.add(3, 4).async();
  EXPECT_EQ(first.get(), 7);
  EXPECT_EQ(first.id(), TransactionId(Side::head, 1));
}

TEST_P(Links, carry_nothing_any_more_after_a_stop_and_say_so_whatever_is_tried) {
  const Body body(url_);
  SampleApi api{"sample"};
  ApiArb head{connect(url_)};
  head.attach(api);
  head.wait_open(60s);
  const ApiProxy proxy = head.proxy("sample");
  head.stop();
  head.stop();
  EXPECT_FALSE(head.connected());
  EXPECT_TRUE(head.peers().empty());
  EXPECT_THROW(api.add(1, 2).call(), TransportFinishedError);
  EXPECT_THROW(api.add(1, 2).async().get(), TransportFinishedError);
  EXPECT_THROW(api.nothing().post(), TransportFinishedError);
  EXPECT_THROW(proxy.action("add", 1, 2).call<int>(), TransportFinishedError);
  EXPECT_THROW(head.wait_open(1s), TransportFinishedError);
  EXPECT_THROW(head.attach(api), TransportFinishedError);
  EXPECT_NO_THROW(head.detach(api));
}

TEST_P(Links, are_not_needed_to_refuse_a_call_whose_deadline_has_passed) {
  SampleApi api{"sample"};
  ApiArb head{connect(url_)};
  head.attach(api);
  const auto error = api.add(1, 2).try_call({.timeout = -1ms}).error_pointer();
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transaction_timeout);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  const auto late = api.add(1, 2).try_call({.timeout = 5ms}).error_pointer();
  ASSERT_NE(late, nullptr);
  EXPECT_EQ(late->execution(), Execution::not_sent);
}

TEST_P(Links, may_end_while_a_reply_is_still_owed) {
  std::optional<Reply<int>> owed;
  Flag deferred;
  {
    SampleApi served{"sample"};
    ApiArb body{listen(url_)};
    served.work.handle([&](Call& call, int) {
      owed.emplace(call.defer<int>());
      deferred.raise();
    });
    body.attach(served);
    body.start();
    SampleApi api{"sample"};
    ApiArb head{connect(url_)};
    head.attach(api);
    const auto pending = api.work(1).async({.timeout = 60s});
    ASSERT_TRUE(deferred.await());
  }
  owed->complete(5);  // nobody is there: nothing happens
}

TEST(KilledBody, fails_what_is_pending_at_once_and_is_used_again_when_it_is_back) {
  const std::string url = unique_url("shm");
  // Two bodies, made before this process has threads: one has the name, the other takes it over when it is
  // free.
  const auto serve = [&] {
    for (const Deadline until = Deadline::after(60s); !until.passed();) {
      try {
        Body body(url);
        body.arb.run();
        return;
      } catch (const TransportDisconnectedError&) {
        std::this_thread::yield();
      }
    }
  };
  const Process one(serve);
  const Process another(serve);
  SampleApi api{"sample"};
  ApiArb head{connect(url)};
  head.attach(api);
  Story story;
  const auto listening = head.on_state([&](const LinkEvent& event) { story.add(event); });
  head.wait_open(60s);
  const pid_t victim = static_cast<pid_t>(head.peers().front().process_id);
  const auto pending = api.work(60'000).async({.timeout = 60s});
  EXPECT_EQ(api.add(1, 2).call(), 3);
  (victim == one.id() ? one : another).kill();
  EXPECT_THROW(pending.get(), TransportDisconnectedError);
  EXPECT_EQ(pending.error()->execution(), Execution::unknown);
  ASSERT_TRUE(story.wait_for(LinkState::open, 2));
  EXPECT_EQ(api.add(3, 4).call(), 7);
  EXPECT_TRUE(story.restarted());
}

}  // namespace
}  // namespace vagus::testing
