#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/testing/fake_clock.hpp>
#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "testing/axis_api.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

TEST(AFakeClock, stands_until_it_is_turned) {
  FakeClock clock;
  const TimePoint begun = clock.now();
  const TimePoint machine = Clock::steady().now();
  while (Clock::steady().now() == machine) {
  }
  EXPECT_EQ(clock.now(), begun);
  clock.advance(1h);
  EXPECT_EQ(clock.now(), begun + 1h);
  clock.set(begun + 2h);
  EXPECT_EQ(clock.now(), begun + 2h);
}

TEST(AFakeClock, may_go_on_as_the_machines_does) {
  FakeClock clock(Pace::running);
  const TimePoint before = Clock::steady().now();
  const TimePoint between = clock.now();
  EXPECT_GE(between, before);
  EXPECT_LE(between, Clock::steady().now());
  clock.advance(1h);
  EXPECT_GE(clock.now(), between + 1h);
  clock.set(between + 5h);
  const TimePoint then = clock.now();
  EXPECT_GE(then, between + 5h);
  while (clock.now() == then) {
  }
}

TEST(AFakeClock, never_goes_back) {
  FakeClock clock;
  const TimePoint begun = clock.now();
  EXPECT_THROW(clock.advance(-1ns), std::invalid_argument);
  EXPECT_THROW(clock.set(begun - 1ns), std::invalid_argument);
  EXPECT_EQ(clock.now(), begun);
  EXPECT_NO_THROW(clock.set(begun));
}

TEST(AFakeClock, has_a_last_time) {
  for (const Pace pace : {Pace::still, Pace::running}) {
    FakeClock clock(pace);
    const TimePoint begun = clock.now();
    EXPECT_THROW(clock.advance(Duration::max()), std::invalid_argument);
    EXPECT_LT(clock.now() - begun, 1h);
    clock.set(TimePoint::max());
    while (Clock::steady().now() - begun < 1us) {
    }
    EXPECT_EQ(clock.now(), TimePoint::max());
    EXPECT_NO_THROW(clock.advance(0s));
    EXPECT_THROW(clock.advance(1ns), std::invalid_argument);
  }
}

TEST(AFakeClock, may_be_turned_by_several_threads) {
  FakeClock clock;
  const TimePoint begun = clock.now();
  const auto turn = [&] {
    for (int count = 0; count < 1000; ++count) clock.advance(1ms);
  };
  std::thread other(turn);
  turn();
  other.join();
  EXPECT_EQ(clock.now(), begun + 2s);
}

class AFakeClockThatStands : public ::testing::TestWithParam<std::string> {};

TEST_P(AFakeClockThatStands, keeps_nobody_from_calling) {
  FakeClock clock;
  const ClockInUse in_use(clock);
  const std::string url = GetParam() + "fake-clock-test-" + std::to_string(::getpid());
  AxisApi served{"machine.x"};
  served.move_to.handle([](double mm) { return mm; });
  ApiArb body{listen(url)};
  body.attach(served);
  body.start();
  AxisApi called{"machine.x"};
  ApiArb head{connect(url)};
  head.attach(called);
  const auto call = [&](double first) {
    for (int number = 0; number < 100; ++number) {
      EXPECT_EQ(called.move_to(first + number).call(), first + number);
      const auto pending = called.move_to(first).async();
      EXPECT_TRUE(pending.get() == first);
    }
  };
  std::thread other([&] { call(1000); });
  call(0);
  other.join();
}

INSTANTIATE_TEST_SUITE_P(Over, AFakeClockThatStands, ::testing::Values("inproc://", "shm://", "unix://@"),
                         [](const auto& url) { return url.param.substr(0, url.param.find(':')); });

TEST(AFakeClock, decides_when_a_call_times_out) {
  FakeClock clock;
  const ClockInUse in_use(clock);
  Flag inside;
  Flag opened;
  AxisApi served{"machine.x"};
  served.home.handle([&] {
    inside.raise();
    opened.await();
  });
  ApiArb body{listen("inproc://fake-clock-test")};
  body.attach(served);
  body.start();
  AxisApi called{"machine.x"};
  ApiArb head{connect("inproc://fake-clock-test")};
  head.attach(called);
  const AtExit open([&] { opened.raise(); });
  const auto pending = called.home().async({.timeout = 1min});
  ASSERT_TRUE(inside.await());
  const auto behind = called.home().async({.timeout = 58s});
  clock.advance(59s);
  EXPECT_THROW(behind.get(), TransactionTimeout);  // so the deadlines that have passed have been looked at
  EXPECT_FALSE(pending.ready());
  clock.advance(1s);
  EXPECT_THROW(pending.get(), TransactionTimeout);
}

}  // namespace
}  // namespace vagus::testing
