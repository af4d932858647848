// The wall clock is set, back and forth, while calls wait for their deadlines.
//
// This program has a clock_gettime() of its own, which the standard library and Asio call in place of that of
// the C library. Who waits by the wall clock would take the wrong time from it, and wait for hours or not at
// all.

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include <time.h>

#include "clock/link_fixture.hpp"

namespace {

// In seconds, by which the wall clock is wrong.
std::atomic<long> wall_clock_offset{0};
// How often somebody has asked for it.
std::atomic<unsigned> wall_clock_looks{0};

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    wall_clock_looks.fetch_add(1);
    time->tv_sec += wall_clock_offset.load();
  }
  return static_cast<int>(result);
}

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

/// Sets the wall clock back and forth by hours, as fast as it can.
class RestlessWallClock {
 public:
  ~RestlessWallClock() {
    thread_.request_stop();
    thread_.join();
    wall_clock_offset = 0;
  }

 private:
  std::jthread thread_{[](const std::stop_token& stop) {
    for (long hours = 0; !stop.stop_requested(); hours = (hours + 7) % 48) {
      wall_clock_offset = (hours - 24) * 3600;
      std::this_thread::yield();
    }
  }};
};

TEST(WallClock, is_the_one_of_this_program) {
  const auto before = std::chrono::system_clock::now();
  wall_clock_offset = 3600;
  const auto after = std::chrono::system_clock::now();
  wall_clock_offset = 0;
  EXPECT_GT(after - before, 59min);
}

class WallClockJumps : public Timed {};

TEST_P(WallClockJumps, change_no_deadline) {
  Flag opened;
  const Stop stop(*this);
  served_.wait.handle([&](Call& call, int number) {
    if (number == 1) {
      call.sleep_for(100ms);
    } else {
      EXPECT_TRUE(opened.await());
    }
    return number;
  });
  start_body();
  head_.wait_open(generous);
  const AtExit open([&] { opened.raise(); });
  const RestlessWallClock restless;
  const auto began = Deadline::now();
  EXPECT_EQ(called_.wait(1).call({.timeout = 1h}), 1);
  EXPECT_GE(Deadline::now() - began, Duration(100ms));
  for (const bool blocking : {true, false}) {
    const auto called = Deadline::now();
    ErrorPtr error;
    if (blocking) {
      error = called_.wait(2).try_call({.timeout = 100ms}).error_pointer();
    } else {
      const auto pending = called_.wait(2).async({.timeout = 100ms});
      EXPECT_TRUE(pending.wait(generous));
      error = pending.error();
    }
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::transaction_timeout);
    EXPECT_GE(Deadline::now() - called, Duration(100ms));
    EXPECT_LT(Deadline::now() - called, Duration(generous));
  }
  opened.raise();
  EXPECT_EQ(called_.twice(3).call(), 6);
}

TEST_P(WallClockJumps, change_no_pause_between_attempts_to_connect) {
  const RestlessWallClock restless;
  const auto pending = called_.twice(1).async({.timeout = generous});
  EXPECT_THROW(called_.twice(2).call({.timeout = 50ms}), TransactionTimeout);  // some attempts fail
  start_body();
  EXPECT_EQ(pending.get(), 2);
  EXPECT_THROW(called_.wait(1).call({.timeout = generous}), UnsupportedApiError);
}

// Beyond what a test can bring about: the library does not even look at it.
TEST_P(WallClockJumps, are_not_looked_at) {
  start_body();
  head_.wait_open(generous);
  const unsigned before = wall_clock_looks;
  for (int number = 0; number < 100; ++number) EXPECT_EQ(called_.twice(number).call(), 2 * number);
  EXPECT_EQ(called_.twice(1).async().get(), 2);
  EXPECT_EQ(wall_clock_looks, before);
}

VAGUS_TIMED_OVER_EACH_TRANSPORT(WallClockJumps);

}  // namespace
}  // namespace vagus::testing
