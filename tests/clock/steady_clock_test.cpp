// The steady clock jumps, as after a machine was halted with everything on it.

#include <stdexcept>
#include <stop_token>
#include <thread>

#include <vagus/testing/fake_clock.hpp>

#include "clock/link_fixture.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

/// Made before the links.
struct WithFakeClock {
  FakeClock clock{Pace::running};
  ClockInUse in_use{clock};
};

class SteadyClockJumps : public WithFakeClock, public Timed {};

TEST_P(SteadyClockJumps, end_what_they_pass_and_nothing_else) {
  Tally inside;
  Tally begun;
  Flag opened;
  const Stop stop(*this);
  served_.wait.handle([&](int number) {
    inside.add();
    opened.await();
    return number;
  });
  const auto observing = head_.observe({.call_begun = [&](const CallBegun&) { begun.add(); }});
  start_body();
  const auto passed = called_.wait(1).async({.timeout = 1h});
  const auto later = called_.wait(2).async({.timeout = 3h});
  const auto endless = called_.wait(3).async({.timeout = no_timeout});
  ErrorPtr blocked;
  std::thread caller([&] { blocked = called_.wait(4).try_call({.timeout = 1h}).error_pointer(); });
  ASSERT_TRUE(begun.await(4));  // the last one on a thread of its own
  ASSERT_TRUE(inside.await(2));
  EXPECT_FALSE(passed.ready());
  clock.advance(2h);
  EXPECT_TRUE(passed.wait(generous));
  EXPECT_EQ(passed.state(), TransactionState::timed_out);
  caller.join();
  ASSERT_NE(blocked, nullptr);
  EXPECT_EQ(blocked->code(), ErrorCode::transaction_timeout);
  EXPECT_FALSE(later.ready());
  EXPECT_FALSE(endless.ready());
  opened.raise();
  EXPECT_EQ(later.get(), 2);
  EXPECT_EQ(endless.get(), 3);
  EXPECT_EQ(called_.twice(4).call(), 8);
  EXPECT_EQ(head_.stats().links_lost, 0u);
}

TEST_P(SteadyClockJumps, end_a_handler_whose_deadline_they_pass) {
  Flag inside;
  Flag stopped;
  Flag given_up;  // by the caller: an answer that came before that would be one in time
  const Stop stop(*this);
  served_.wait.handle([&](Call& call, int number) {
    const std::stop_callback on_stop(call.stop_token(), [&] { stopped.raise(); });
    inside.raise();
    stopped.await();
    given_up.await();
    return number;
  });
  start_body();
  const auto pending = called_.wait(1).async({.timeout = 1h});
  ASSERT_TRUE(inside.await());
  clock.advance(2h);
  EXPECT_TRUE(stopped.await());
  EXPECT_THROW(pending.get(), TransactionTimeout);
  given_up.raise();
}

TEST_P(SteadyClockJumps, end_the_sleep_of_a_handler) {
  Flag inside;
  const Stop stop(*this);
  served_.wait.handle([&](Call& call, int number) {
    inside.raise();
    call.sleep_for(1h);
    return number;
  });
  start_body();
  const auto pending = called_.wait(1).async({.timeout = no_timeout});
  ASSERT_TRUE(inside.await());
  // It may be about to fall asleep, and looks at the clock only then.
  for (int jumps = 0; jumps < 1000 && !pending.wait(20ms); ++jumps) clock.advance(2h);
  EXPECT_EQ(pending.get(100ms), 1);
}

TEST_P(SteadyClockJumps, give_a_handler_less_time) {
  Flag inside;
  Flag jumped;
  Duration left{};
  const Stop stop(*this);
  served_.wait.handle([&](Call& call, int number) {
    inside.raise();
    jumped.await();
    left = call.deadline().remaining();
    return number;
  });
  start_body();
  const auto pending = called_.wait(1).async({.timeout = 3h});
  ASSERT_TRUE(inside.await());
  clock.advance(1h);
  jumped.raise();
  EXPECT_EQ(pending.get(), 1);
  EXPECT_LE(left, Duration(2h));
  EXPECT_GT(left, Duration(1h));
}

TEST_P(SteadyClockJumps, leave_connecting_and_reconnecting_alone) {
  const auto pending = called_.twice(1).async({.timeout = 3h});  // starts to look for the body
  clock.advance(2h);
  start_body();
  EXPECT_EQ(pending.get(), 2);
  Flag lost;
  const auto listening = head_.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::disconnected) lost.raise();
  });
  body_.reset();
  ASSERT_TRUE(lost.await());
  clock.advance(2h);
  start_body();
  head_.wait_open(generous);
  EXPECT_EQ(called_.twice(2).call(), 4);
}

TEST_P(SteadyClockJumps, do_not_keep_anything_from_ending) {
  start_body();
  EXPECT_EQ(called_.twice(2).call(), 4);
  clock.advance(24h);
  head_.stop(1h);
  body_->stop(1h);
}

VAGUS_TIMED_OVER_EACH_TRANSPORT(SteadyClockJumps);

TEST(ClockInUse, is_one_at_a_time) {
  const FakeClock clock;
  {
    const ClockInUse in_use(clock);
    EXPECT_THROW(ClockInUse{clock}, std::logic_error);
  }
  const ClockInUse in_use(clock);
}

TEST(ClockInUse, is_what_deadlines_go_by) {
  FakeClock clock;
  const ClockInUse in_use(clock);
  const Deadline deadline = Deadline::after(1h);
  EXPECT_FALSE(deadline.passed());
  clock.advance(1h);
  EXPECT_TRUE(deadline.passed());
  EXPECT_EQ(deadline.remaining(), Duration::zero());
}

}  // namespace
}  // namespace vagus::testing
