// Handlers that wait with Boost.Thread: its interruption points end when nobody waits for the call any more.

#include <atomic>
#include <coroutine>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <boost/chrono.hpp>
#include <boost/thread.hpp>

#include "conformance/conformance.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

const auto far_longer_than_any_test = boost::chrono::hours(1);

/// What became of a wait in a handler.
class Wait {
 public:
  /// Waits, and lets what interrupts it pass.
  template <typename Function>
  void run(Function wait) {
    begun_.raise();
    try {
      wait();
    } catch (const boost::thread_interrupted&) {
      interrupted_.raise();
      throw;
    }
  }
  const Flag& begun() const { return begun_; }
  bool await_begin() const { return begun_.await(); }
  bool await_interruption() const { return interrupted_.await(); }
  bool interrupted() const { return interrupted_.raised(); }

 private:
  Flag begun_;
  Flag interrupted_;
};

void wait_for_condition() {
  boost::mutex mutex;
  boost::condition_variable never;
  boost::unique_lock<boost::mutex> lock(mutex);
  while (true) never.wait(lock);
}

/// Suspends a coroutine for a call, and keeps the thread that it ran on until it has gone on elsewhere.
template <typename Awaiter>
class Held {
 public:
  Held(Awaiter call, const Flag& gone_on) : call_(std::move(call)), gone_on_(gone_on) {}
  bool await_ready() { return call_.await_ready(); }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    const Flag& gone_on = gone_on_;  // this may be gone, too
    if (!call_.await_suspend(handle)) return false;
    gone_on.await();
    return true;
  }
  auto await_resume() { return call_.await_resume(); }

 private:
  Awaiter call_;
  const Flag& gone_on_;
};

class Interruptions : public Conformance {};

TEST_P(Interruptions, end_a_sleep_whose_call_is_cancelled) {
  Wait wait;
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    wait.run([] { boost::this_thread::sleep_for(far_longer_than_any_test); });
    return number;
  });
  auto pending = pair.called.work(1).async();
  ASSERT_TRUE(wait.await_begin());
  pending.cancel();
  EXPECT_TRUE(wait.await_interruption());
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);  // one worker: it is free again
}

TEST_P(Interruptions, end_a_wait_for_a_condition_whose_call_is_late) {
  Wait wait;
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    wait.run(wait_for_condition);
    return number;
  });
  pair.open();
  time_out_once_begun(wait.begun(), [&](Duration timeout) {
    EXPECT_THROW(pair.called.work(1).call({.timeout = timeout}), TransactionTimeout);
  });
  EXPECT_TRUE(wait.await_interruption());
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
}

TEST_P(Interruptions, end_whatever_waits_for_a_head_that_goes) {
  Wait wait;
  Pair pair(url(), {.workers = 2});
  pair.served.work.handle([&](int number) {
    wait.run(wait_for_condition);
    return number;
  });
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(wait.await_begin());
  pair.head.stop();
  EXPECT_TRUE(wait.await_interruption());
}

TEST_P(Interruptions, are_seen_at_a_point_that_is_come_to_only_later) {
  Flag inside;
  Flag stopped;
  Wait wait;
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    const std::stop_callback on_stop(call.stop_token(), [&] { stopped.raise(); });
    inside.raise();
    stopped.await();
    wait.run([] { boost::this_thread::interruption_point(); });
    return number;
  });
  auto pending = pair.called.work(1).async();
  ASSERT_TRUE(inside.await());
  pending.cancel();
  EXPECT_TRUE(wait.await_interruption());
}

TEST_P(Interruptions, that_nobody_noticed_do_not_hit_the_next_call) {
  Flag inside;
  Flag stopped;
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    const std::stop_callback on_stop(call.stop_token(), [&] { stopped.raise(); });
    inside.raise();
    stopped.await();
    return number;
  });
  pair.served.other.handle([&](int number) {
    boost::this_thread::interruption_point();
    EXPECT_FALSE(boost::this_thread::interruption_requested());
    return number;
  });
  auto pending = pair.called.work(1).async();
  ASSERT_TRUE(inside.await());
  pending.cancel();
  EXPECT_EQ(pair.called.other(5).call(), 5);
}

TEST_P(Interruptions, that_leave_a_handler_are_a_cancellation) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw boost::thread_interrupted(); });
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "vagus::TransactionCancelled");
  }
}

TEST_P(Interruptions, do_not_reach_what_runs_inside_of_a_handler_that_waits_for_it) {
  Flag nested_inside;
  Flag cancelled;
  std::atomic<bool> nested_interrupted{false};
  Wait outer;
  Pair pair(url());
  // The body's only worker runs `other` while it waits in `work`, for the head to come back to it.
  pair.desk.work.handle([&](int number) { return pair.called.other(number).call(); });
  pair.served.other.handle([&](int number) {
    nested_inside.raise();
    cancelled.await();
    try {
      boost::this_thread::sleep_for(boost::chrono::milliseconds(50));
    } catch (const boost::thread_interrupted&) {
      nested_interrupted.store(true);
    }
    return number;
  });
  pair.served.work.handle([&](Call& call, int number) {
    const std::stop_callback on_stop(call.stop_token(), [&] { cancelled.raise(); });
    const auto inner = pair.called_desk.work(number).async();
    EXPECT_TRUE(inner.wait());  // not get(): it is not to be cancelled along
    EXPECT_EQ(inner.get(), number);
    outer.run([] { boost::this_thread::interruption_point(); });
    return number;
  });
  auto pending = pair.called.work(3).async();
  ASSERT_TRUE(nested_inside.await());
  pending.cancel();
  EXPECT_TRUE(outer.await_interruption());
  EXPECT_FALSE(nested_interrupted.load());
}

TEST_P(Interruptions, reach_a_coroutine_that_waits_after_it_went_on) {
  Wait wait;
  Pair pair(url());
  pair.desk.work.handle([](int number) { return number; });
  pair.served.work.handle([&](int number) -> Task<int> {
    const int echoed = co_await pair.called_desk.work(number);
    wait.run([] { boost::this_thread::sleep_for(far_longer_than_any_test); });
    co_return echoed;
  });
  auto pending = pair.called.work(1).async();
  ASSERT_TRUE(wait.await_begin());
  pending.cancel();
  EXPECT_TRUE(wait.await_interruption());
}

TEST_P(Interruptions, reach_a_coroutine_that_went_on_before_its_last_thread_had_left_it) {
  Wait wait;
  Flag gone_on;
  Flag left;
  Pair pair(url(), {.workers = 2});
  pair.desk.work.handle([](int number) { return number; });
  pair.served.work.handle([&](int number) -> Task<int> {
    const int echoed = co_await Held(pair.called_desk.work(number).operator co_await(), gone_on);
    gone_on.raise();
    left.await();
    wait.run([] { boost::this_thread::sleep_for(far_longer_than_any_test); });
    co_return echoed;
  });
  pair.served.other.handle([](int number) { return number; });
  auto pending = pair.called.work(1).async();
  ASSERT_TRUE(gone_on.await());
  EXPECT_EQ(pair.called.other(2).call(), 2);  // by the thread that has left it
  left.raise();
  ASSERT_TRUE(wait.await_begin());
  pending.cancel();
  EXPECT_TRUE(wait.await_interruption());
}

TEST_P(Interruptions, reach_a_handler_that_has_deferred_its_reply) {
  Wait wait;
  std::optional<Reply<int>> reply;
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int) {
    reply = call.defer<int>();
    wait.run([] { boost::this_thread::sleep_for(far_longer_than_any_test); });
  });
  auto pending = pair.called.work(1).async();
  ASSERT_TRUE(wait.await_begin());
  pending.cancel();
  EXPECT_TRUE(wait.await_interruption());
}

TEST_P(Interruptions, reach_a_local_call) {
  Wait wait;
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    wait.run([] { boost::this_thread::sleep_for(far_longer_than_any_test); });
    return number;
  });
  auto pending = pair.served.work(1).local().async();
  ASSERT_TRUE(wait.await_begin());
  pending.cancel();
  EXPECT_TRUE(wait.await_interruption());
}

TEST_P(Interruptions, reach_a_hook_whose_caller_gives_up) {
  Wait wait;
  Pair pair(url());
  pair.served.on_unhandled([&](Call&, const UnhandledCall&) -> std::optional<Value> {
    wait.run([] { boost::this_thread::sleep_for(far_longer_than_any_test); });
    return std::nullopt;
  });
  auto pending = pair.head.proxy("sample").action("x").as<int>().async();
  ASSERT_TRUE(wait.await_begin());
  pending.cancel();
  EXPECT_TRUE(wait.await_interruption());
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);  // one worker: it is free again
}

TEST_P(Interruptions, leave_a_thread_alone_that_is_not_the_librarys) {
  Flag inside;
  Flag stopped;
  std::atomic<bool> interrupted{false};
  Pair pair(url(), {.body = {.loop = Loop::foreign}});
  pair.served.work.handle([&](Call& call, int number) {
    const std::stop_callback on_stop(call.stop_token(), [&] { stopped.raise(); });
    inside.raise();
    stopped.await();
    interrupted = boost::this_thread::interruption_requested();
    return number;
  });
  boost::thread loop([&] { pair.body.run(); });
  auto pending = pair.called.work(1).async();
  ASSERT_TRUE(inside.await());
  pending.cancel();
  EXPECT_TRUE(stopped.await());
  pair.body.stop();
  loop.join();
  EXPECT_FALSE(interrupted.load());
}

// Calls end, one way or another, at the very moment at which they are cancelled. Each handler says who was
// interrupted; none may be that was not cancelled.
TEST_P(Interruptions, never_hit_a_call_that_was_not_cancelled) {
  constexpr int calls = 2000;
  std::atomic<int> wrongly{0};
  std::atomic<int> rightly{0};
  Pair pair(url(), {.workers = 2});
  const auto handler = [&](Call& call, int number) {
    try {
      for (int step = 0; step < number % 7; ++step) boost::this_thread::interruption_point();
      if (number % 3 == 0) boost::this_thread::sleep_for(boost::chrono::microseconds(number % 100));
    } catch (const boost::thread_interrupted&) {
      (call.stop_requested() ? rightly : wrongly).fetch_add(1);
      throw;
    }
    return number;
  };
  pair.served.work.handle(handler);
  pair.served.other.handle([&](int number) {
    try {
      boost::this_thread::interruption_point();
    } catch (const boost::thread_interrupted&) {
      wrongly.fetch_add(1);
      throw;
    }
    return number;
  });
  pair.open();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 2; ++caller) {
    callers.emplace_back([&, caller] {
      for (int number = 0; number < calls; ++number) {
        auto pending = pair.called.work(number).async();
        for (int spin = (number * 7 + caller * 3) % 50; spin > 0; --spin) std::this_thread::yield();
        if (number % 2 == 0) pending.cancel();
        EXPECT_EQ(pair.called.other(number).call(), number);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrongly.load(), 0);
  ::testing::Test::RecordProperty("interrupted", rightly.load());
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Interruptions);

// Between processes
// ---------------------------------------------------------------------------------------------------------

/// A head in a process of its own, whose one call is being handled.
struct WaitingHead {
  WaitingHead(const std::string& url, Method<int(int)> SampleApi::*method, Duration timeout)
      : process([url, method, timeout] {
          SampleApi called("sample");
          ApiArb head(connect(url));
          head.attach(called);
          static_cast<void>(error_of((called.*method)(1), {.timeout = timeout}));
        }) {}
  Process process;
};

struct WaitingBody {
  explicit WaitingBody(const std::string& url) : arb(listen(url), {.name = "body"}) {
    served.work.handle([this](int number) {
      wait.run(wait_for_condition);
      return number;
    });
    served.other.handle([this](Call& call, int number) {
      const std::stop_callback on_stop(call.stop_token(), [this] { stopped.raise(); });
      inside.raise();
      stopped.await();
      return number;
    });
    arb.attach(served);
    arb.start();
  }
  Wait wait;
  Flag inside;
  Flag stopped;
  SampleApi served{"sample"};
  ApiArb arb;
};

TEST(InterruptionsByProcesses, end_the_handlers_of_a_head_that_is_killed) {
  const auto url = unique_url("shm");
  WaitingHead head(url, &SampleApi::work, generous);
  WaitingBody body(url);
  ASSERT_TRUE(body.wait.await_begin());
  head.process.kill();
  EXPECT_TRUE(body.wait.await_interruption());
}

// A halted caller does not say that its deadline has passed.
TEST(InterruptionsByProcesses, end_a_handler_at_the_deadline_of_a_head_that_is_halted) {
  const auto url = unique_url("shm");
  WaitingHead head(url, &SampleApi::work, 2s);
  WaitingBody body(url);
  ASSERT_TRUE(body.wait.await_begin());
  head.process.signal(SIGSTOP);
  EXPECT_TRUE(body.wait.await_interruption());
}

TEST(InterruptionsByProcesses, stop_tokens_tell_of_the_deadline_of_a_head_that_is_halted) {
  const auto url = unique_url("shm");
  WaitingHead head(url, &SampleApi::other, 2s);
  WaitingBody body(url);
  ASSERT_TRUE(body.inside.await());
  head.process.signal(SIGSTOP);
  EXPECT_TRUE(body.stopped.await());
}

}  // namespace
}  // namespace vagus::testing
