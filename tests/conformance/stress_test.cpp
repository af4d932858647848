// Many calls and events both ways at once: each answered, and rightly.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "conformance.hpp"
#include "support/core/sanitizers.hpp"

namespace vagus::testing {
namespace {

constexpr int calls_per_thread = repeated(100'000);
constexpr int threads_per_side = 4;
constexpr int event_every = 16;

class Stress : public ::testing::TestWithParam<std::string> {};

VAGUS_OVER_EACH_TRANSPORT(Stress);

/// One side: an API of its own that the other one calls, and a stub of the other's.
struct SideOfBoth {
  SideOfBoth(const Endpoint& endpoint, const char* own_name, const char* other_name)
      : own(own_name, {.workers = 2, .queue = 1'000'000}),
        other(other_name, {.queue = 1'000'000}),
        arb(endpoint) {
    own.add.handle([](int a, int b) { return a + b; });
    arb.attach(own);
    arb.attach(other);
    arb.start();
  }
  /// Wrong answers.
  int call_from_all_threads() {
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < threads_per_side; ++thread) {
      threads.emplace_back([&, thread] {
        for (int call = 0; call < calls_per_thread; ++call) {
          const auto answer = other.add(call, thread).try_call({.timeout = 90s});
          if (!answer || *answer != call + thread) ++wrong;
          if (call % event_every == 0) own.ticked(call).post();
        }
      });
    }
    for (auto& thread : threads) thread.join();
    return wrong;
  }

  SampleApi own;
  SampleApi other;
  std::atomic<int> ticks{0};
  ApiArb arb;
  Registration heard = other.ticked.subscribe([this](int) { ++ticks; });
};

TEST_P(Stress, answers_every_call_of_four_threads_each_way_with_events_in_between) {
  const std::string url = unique_url(GetParam());
  SideOfBoth body(listen(url), "body", "head");
  SideOfBoth head(connect(url), "head", "body");
  head.arb.wait_open(60s);
  body.arb.wait_open(60s);
  int wrong_at_body = 0;
  std::thread calling([&] { wrong_at_body = body.call_from_all_threads(); });
  const int wrong_at_head = head.call_from_all_threads();
  calling.join();
  EXPECT_EQ(wrong_at_body, 0);
  EXPECT_EQ(wrong_at_head, 0);
  constexpr int all_events = threads_per_side * ((calls_per_thread + event_every - 1) / event_every);
  for (const Deadline until = Deadline::after(60s); !until.passed();) {
    if (head.ticks == all_events && body.ticks == all_events) break;
    std::this_thread::yield();
  }
  EXPECT_EQ(head.ticks, all_events);
  EXPECT_EQ(body.ticks, all_events);
  EXPECT_EQ(head.arb.transactions().pending(), 0u);
}

}  // namespace
}  // namespace vagus::testing
