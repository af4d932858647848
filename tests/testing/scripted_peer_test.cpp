#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <vagus/testing/fake_clock.hpp>
#include <vagus/testing/scripted_peer.hpp>
#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "testing/axis_api.hpp"
#include "testing/scripted_peer_fixture.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// Answering
// ----------------------------------------------------------------------------------------------------------

TEST_F(AScriptedPeer, answers_a_call_that_was_expected) {
  const auto moving = body_.expect("machine.x.move_to", 120.0).reply(119.5);
  EXPECT_EQ(axis_.move_to(120.0).call(), 119.5);
  EXPECT_EQ(moving.count(), 1u);
  EXPECT_NO_THROW(body_.verify());
}

TEST_F(AScriptedPeer, answers_each_call_by_the_first_expectation_that_fits_and_is_not_used_up) {
  body_.expect("machine.x.move_to", 1.0).reply(10.0);
  body_.expect("machine.x.move_to", 2.0).times(2).reply(20.0);
  body_.expect("machine.x.move_to").reply(30.0);
  EXPECT_EQ(axis_.move_to(2.0).call(), 20.0);
  EXPECT_EQ(axis_.move_to(1.0).call(), 10.0);
  EXPECT_EQ(axis_.move_to(2.0).call(), 20.0);
  EXPECT_EQ(axis_.move_to(2.0).call(), 30.0);
  EXPECT_NO_THROW(body_.verify());
}

TEST_F(AScriptedPeer, answers_a_void_method_with_nothing) {
  body_.expect("machine.x.home", no_arguments).reply();
  EXPECT_NO_THROW(axis_.home().call());
}

TEST_F(AScriptedPeer, fails_a_call_as_a_handler_that_throws) {
  body_.expect("machine.x.move_to").fail(std::out_of_range("beyond the end stop"));
  EXPECT_EQ(failure<std::out_of_range>([&] { axis_.move_to(400.0).call(); }), "beyond the end stop");
}

TEST_F(AScriptedPeer, asks_a_function_of_the_test) {
  body_.expect("machine.x.move_to").any_number().answer([](double target_mm) { return target_mm / 2; });
  body_.expect("machine.x.say").answer([](const std::string& text, int times) {
    return text + " " + std::to_string(times);
  });
  body_.expect("machine.x.home").answer([](const Received& received) {
    throw std::runtime_error("no " + received.name_space);
  });
  EXPECT_EQ(axis_.move_to(8.0).call(), 4.0);
  EXPECT_EQ(axis_.move_to(6.0).call(), 3.0);
  EXPECT_EQ(axis_.say("hello", 3).call(), "hello 3");
  EXPECT_TRUE(contains(failure<std::runtime_error>([&] { axis_.home().call(); }), "no machine.x.home"));
}

TEST_F(AScriptedPeer, hands_a_function_of_the_test_what_it_takes) {
  body_.expect("machine.x.say").answer([](const char* text, int&& times) {
    return text + std::to_string(times);
  });
  EXPECT_EQ(axis_.say("a", 1).call(), "a1");
  body_.expect("machine.x.say").answer([](std::string_view text, std::unique_ptr<int> times) {
    return std::string(text) + std::to_string(*times);
  });
  EXPECT_EQ(axis_.say("b", 2).call(), "b2");
  body_.expect("machine.x.write").answer([](std::span<const std::byte> bytes) {
    return std::count(bytes.begin(), bytes.end(), std::byte{7});
  });
  EXPECT_EQ(axis_.write(Bytes(100'000, std::byte{7})).call(), 100'000);
}

TEST_F(AScriptedPeer, expects_arguments_by_name) {
  body_.expect("machine.x.move_to", kw("target_mm", 3.0)).reply(3.0);
  EXPECT_EQ(head_.proxy().action("machine.x.move_to", kw("target_mm", 3.0)).call<double>(), 3.0);
}

TEST_F(AScriptedPeer, holds_calls_until_the_test_answers) {
  const auto held = body_.expect("machine.x.move_to").times(3).hold();
  const auto first = axis_.move_to(1.0).async();
  const auto second = axis_.move_to(2.0).async();
  const auto third = axis_.move_to(3.0).async();
  EXPECT_EQ(to_string(held.wait()), "machine.x.move_to(1.0)");
  EXPECT_FALSE(first.ready());
  held.reply(10.0);
  EXPECT_EQ(first.get(), 10.0);
  EXPECT_EQ(to_string(held.wait()), "machine.x.move_to(2.0)");
  held.fail(std::invalid_argument("no"));
  EXPECT_THROW(second.get(), std::invalid_argument);
  EXPECT_FALSE(third.ready());
  held.reply(30.0);
  EXPECT_EQ(third.get(), 30.0);
}

TEST_F(AScriptedPeer, reports_progress_of_a_call_that_it_holds) {
  const auto held = body_.expect("machine.x.move_to").hold();
  auto stream = axis_.move_to(1.0).stream<double>();
  held.progress(0.5);
  EXPECT_EQ(stream.next(), 0.5);
  held.reply(1.0);
  EXPECT_EQ(stream.next(), std::nullopt);
  EXPECT_EQ(stream.get(), 1.0);
}

TEST_F(AScriptedPeer, sees_that_a_call_was_given_up) {
  const auto held = body_.expect("machine.x.move_to").hold();
  const auto moving = axis_.move_to(1.0).async();
  held.wait();
  moving.cancel();
  EXPECT_NO_THROW(held.wait_given_up());
  held.reply(1.0);  // nobody waits for it
}

TEST(AScriptedPeerAndAFakeClock, reply_after_a_time_that_nobody_waits_for) {
  FakeClock clock;
  const ClockInUse in_use{clock};
  ScriptedPeer body;
  AxisApi axis{"machine.x"};
  ApiArb head{body.endpoint()};
  head.attach(axis);
  const auto moving_late = body.expect("machine.x.move_to", 1.0).reply_after(1h, 10.0);
  body.expect("machine.x.home").reply_after(1h);
  const auto homing = axis.home().async({.timeout = 2h});
  const auto moving_too_late = body.expect("machine.x.move_to", 2.0).reply_after(3h, 20.0);
  const auto late = axis.move_to(1.0).async({.timeout = 2h});
  const auto too_late = axis.move_to(2.0).async({.timeout = 2h});
  body.wait_for(moving_late);
  body.wait_for(moving_too_late);
  EXPECT_FALSE(late.ready());
  clock.advance(1h);
  EXPECT_EQ(late.get(), 10.0);
  EXPECT_NO_THROW(homing.get());
  EXPECT_FALSE(too_late.ready());
  clock.advance(1h);
  EXPECT_THROW(too_late.get(), TransactionTimeout);
}

// What is not as expected
// ----------------------------------------------------------------------------------------------------------

TEST_F(AScriptedPeer, refuses_a_call_that_nobody_expected_and_says_what_was) {
  body_.expect("machine.x.move_to", 120.0).times(2).reply(120.0);
  axis_.move_to(120.0).call();
  const std::string told = failure<RemoteError>([&] { axis_.move_to(121.0).call(); });
  EXPECT_TRUE(contains(told, "did not expect machine.x.move_to(121.0)")) << told;
  EXPECT_TRUE(contains(told, "machine.x.move_to(120.0), 2 times, came once")) << told;
  const std::string other = failure<RemoteError>([&] { axis_.home().call(); });
  EXPECT_TRUE(contains(other, "did not expect machine.x.home()")) << other;
  EXPECT_EQ(failure([&] { body_.verify(); }),
            "the conversation was not what was expected\n"
            "expected, and did not come:\n"
            "  machine.x.move_to(120.0), 2 times, came once\n"
            "called, and nobody expected it:\n"
            "  machine.x.move_to(121.0)\n"
            "  machine.x.home()");
}

TEST_F(AScriptedPeer, refuses_a_call_that_is_never_to_come) {
  const auto far =
      body_.expect("machine.x.move_to", where([](double mm) { return mm > 300; }, "over 300")).never();
  body_.expect("machine.x.move_to").any_number().reply(1.0);
  EXPECT_EQ(axis_.move_to(300.0).call(), 1.0);
  const std::string told = failure<RemoteError>([&] { axis_.move_to(301.0).call(); });
  EXPECT_TRUE(contains(told, "machine.x.move_to(over 300), never, came once")) << told;
  EXPECT_EQ(far.count(), 1u);
  EXPECT_NO_THROW(body_.wait_for(far));
  EXPECT_THROW(body_.verify(), Failed);
}

TEST_F(AScriptedPeer, refuses_one_call_more_than_were_expected) {
  body_.expect("machine.x.home").reply();
  axis_.home().call();
  EXPECT_THROW(axis_.home().call(), RemoteError);
}

TEST_F(AScriptedPeer, may_be_asked_for_more_than_the_arguments_say) {
  body_.expect("machine.x.say")
      .at_least(1)
      .when([](const Received& received) {
        return received.arguments.at(0) == Value(std::to_string(received.arguments.at(1).integer()));
      })
      .reply("the same"s);
  EXPECT_THROW(body_.verify(), Failed);
  EXPECT_EQ(axis_.say("1", 1).call(), "the same");
  EXPECT_NO_THROW(body_.verify());
  EXPECT_EQ(axis_.say("2", 2).call(), "the same");
  EXPECT_NO_THROW(body_.verify());
  EXPECT_THROW(axis_.say("1", 2).call(), RemoteError);
}

TEST_F(AScriptedPeer, expects_a_call_that_was_posted_as_any_other) {
  body_.expect("machine.x.move_to", 1.0).reply(1.0);
  axis_.move_to(1.0).post();
  EXPECT_NO_THROW(body_.wait());
  axis_.move_to(2.0).post();
  EXPECT_THROW(axis_.home().call(), RemoteError);  // comes behind it
  const std::string told = failure([&] { body_.verify(); });
  EXPECT_TRUE(contains(told, "nobody expected it:\n  machine.x.move_to(2.0)\n")) << told;
}

}  // namespace
}  // namespace vagus::testing
