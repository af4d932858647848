// Links on which many calls are under way, which nobody waits at all the time.

#include <atomic>
#include <stop_token>
#include <thread>
#include <vector>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class BusyLinks : public Conformance {};

TEST_P(BusyLinks, deliver_a_reply_that_comes_after_the_last_caller_has_left) {
  Pair pair(url(), {.workers = 2});
  pair.open();
  for (int round = 0; round < 50; ++round) {
    Stage stage;
    Flag answered;
    pair.served.work.handle([&](int number) { return stage(number); });
    static_cast<void>(pair.called.work(round).async([&](const Result<int>& result) {
      EXPECT_EQ(result.value_or(-1), round);
      answered.raise();
    }));
    ASSERT_TRUE(stage.await(1));
    EXPECT_EQ(pair.called.add(round, 1).call(), round + 1);  // reads, and leaves while the other is awaited
    stage.open();
    ASSERT_TRUE(answered.await());
  }
}

TEST_P(BusyLinks, deliver_a_cancellation_while_requests_stand_in_line_behind_the_handler) {
  Pair pair(url());
  pair.open();
  for (int round = 0; round < 20; ++round) {
    Flag inside;
    Flag told;
    pair.served.work.handle([&](Call& call, int number) {
      if (number != 0) return number;
      std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
      inside.raise();
      told.await();
      return number;
    });
    std::vector<AsyncResult<int>> calls;
    for (int number = 0; number < 8; ++number) calls.push_back(pair.called.work(number).async());
    ASSERT_TRUE(inside.await());
    calls.front().cancel();
    EXPECT_TRUE(told.await());
    for (int number = 1; number < 8; ++number) {
      EXPECT_EQ(calls[static_cast<std::size_t>(number)].get(), number);
    }
  }
}

TEST_P(BusyLinks, deliver_answers_while_the_handler_of_the_next_request_is_held_up) {
  Pair pair(url());
  pair.open();
  constexpr int quick_calls = 16;
  for (int round = 0; round < 20; ++round) {
    Stage stage;
    pair.served.work.handle([&](int number) { return number == quick_calls ? stage(number) : number; });
    std::vector<AsyncResult<int>> calls;
    for (int number = 0; number <= quick_calls; ++number) calls.push_back(pair.called.work(number).async());
    for (int number = 0; number < quick_calls; ++number) {
      ASSERT_EQ(calls[static_cast<std::size_t>(number)].get(), number);
    }
    stage.open();
    EXPECT_EQ(calls.back().get(), quick_calls);
  }
}

TEST_P(BusyLinks, serve_another_api_while_the_only_worker_of_one_is_held_up) {
  Pair pair(url());
  Pulse pulse(pair);
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  std::vector<AsyncResult<int>> calls;
  for (int number = 0; number < 8; ++number) calls.push_back(pair.called.work(number).async());
  ASSERT_TRUE(stage.await(1));
  for (int beats = 0; beats < 20; ++beats) pulse.beat();
  stage.open();
  for (int number = 0; number < 8; ++number) {
    EXPECT_EQ(calls[static_cast<std::size_t>(number)].get(), number);
  }
}

TEST_P(BusyLinks, answer_every_one_of_the_calls_that_threads_keep_under_way) {
  constexpr int threads_count = 3;
  constexpr std::size_t window = 32;
  constexpr int rounds = 30;
  Pair pair(url(), {.workers = 2});
  std::atomic<long> sum{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < threads_count; ++thread) {
    threads.emplace_back([&] {
      std::vector<AsyncResult<int>> calls;
      for (std::size_t index = 0; index < window; ++index) calls.push_back(pair.called.add(1, 0).async());
      for (int round = 0; round < rounds; ++round) {
        for (auto& call : calls) {
          sum += call.get();
          call = pair.called.add(1, 0).async();
        }
      }
      for (const auto& call : calls) sum += call.get();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sum, threads_count * static_cast<long>(window) * (rounds + 1));
}

VAGUS_OVER_EACH_TRANSPORT(BusyLinks);

}  // namespace
}  // namespace vagus::testing
