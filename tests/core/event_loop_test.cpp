#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/worker_pool.hpp>

namespace vagus {
namespace {

using namespace std::chrono_literals;

TEST(Deadline, adds_without_overflow_and_never_passes_if_it_is_never) {
  const TimePoint now = Deadline::now();
  EXPECT_TRUE(Deadline::after(no_timeout, now).is_never());
  EXPECT_TRUE(Deadline::after(no_timeout - 1ns, now).is_never());
  EXPECT_FALSE(Deadline::never().passed());
  EXPECT_TRUE(Deadline::after(-1ms, now).passed(now));
  EXPECT_EQ(Deadline::after(5ms, now).remaining(now), 5ms);
  EXPECT_EQ(Deadline::after(-5ms, now).remaining(now), 0ns);
  EXPECT_EQ(Deadline::never().remaining(), no_timeout);
  EXPECT_LT(Deadline::after(5ms, now), Deadline::never());
}

/// Threads that run a loop until everything posted is done.
class Running {
 public:
  explicit Running(std::size_t threads) { pool.resize(threads); }
  ~Running() {
    loop.finish();
    pool.join();
  }
  EventLoop loop;
  WorkerPool pool{loop};
};

TEST(EventLoop, runs_all_that_was_posted_before_it_finishes) {
  std::atomic<int> ran{0};
  {
    Running running(3);
    for (int each = 0; each < 1000; ++each) running.loop.post([&] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

TEST(EventLoop, goes_on_after_work_that_throws) {
  std::promise<void> after;
  Running running(1);
  running.loop.post([] { throw std::runtime_error("on purpose"); });
  running.loop.post([&] { after.set_value(); });
  EXPECT_EQ(after.get_future().wait_for(60s), std::future_status::ready);
}

TEST(WorkerPool, grows_and_shrinks) {
  Running running(1);
  running.pool.resize(3);
  EXPECT_EQ(running.pool.size(), 3u);
  EXPECT_FALSE(running.pool.is_member());
  std::promise<bool> member;
  running.loop.post([&] { member.set_value(running.pool.is_member()); });
  EXPECT_TRUE(member.get_future().get());
  running.pool.resize(1);
  EXPECT_EQ(running.pool.size(), 1u);
  std::promise<void> still_runs;
  running.loop.post([&] { still_runs.set_value(); });
  EXPECT_EQ(still_runs.get_future().wait_for(60s), std::future_status::ready);
}

TEST(WorkerPool, keeps_nothing_of_the_threads_that_have_ended) {
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  };
  const auto pages = [] {
    std::size_t mapped = 0;
    std::ifstream("/proc/self/statm") >> mapped;
    return mapped;
  };
  Running running(1);
  const auto few = threads();
  const auto cycle = [&] {
    running.pool.resize(5);
    running.pool.resize(1);
    while (threads() > few) std::this_thread::yield();
  };
  for (int cycles = 0; cycles < 20; ++cycles) cycle();
  const std::size_t before = pages();
  for (int cycles = 0; cycles < 100; ++cycles) cycle();
  EXPECT_LT(pages(), before + 200'000u) << "400 stacks of 2048 pages each would be 800 000";
}

TEST(Timer, expires_once_and_not_before_its_time) {
  Running running(1);
  std::promise<TimePoint> expired;
  Timer timer(running.loop, [&] { expired.set_value(Deadline::now()); });
  const TimePoint at = Deadline::now() + 5ms;
  timer.start(at);
  EXPECT_GE(expired.get_future().get(), at);
}

TEST(Timer, does_not_expire_after_it_was_stopped_or_destroyed) {
  Running running(1);
  std::atomic<int> expired{0};
  {
    Timer stopped(running.loop, [&] { ++expired; });
    stopped.start(Deadline::now() + 1h);
    stopped.stop();
    Timer destroyed(running.loop, [&] { ++expired; });
    destroyed.start(Deadline::now() + 1h);
  }
  EXPECT_EQ(expired, 0);
}

TEST(Log, writes_what_reaches_its_level_to_its_sink) {
  std::vector<std::string> lines;
  Log log([&](LogLevel, std::string_view line) { lines.emplace_back(line); }, LogLevel::warning);
  log.info("too low");
  log.warning("one");
  log.set_level(LogLevel::off);
  log.error("off");
  EXPECT_EQ(lines, std::vector<std::string>{"one"});
}

TEST(Log, survives_a_sink_that_throws) {
  Log log([](LogLevel, std::string_view) { throw std::runtime_error("disk full"); }, LogLevel::debug);
  EXPECT_NO_THROW(log.error("line"));
}

}  // namespace
}  // namespace vagus
