// What a scripted peer finds wrong: with the test itself, and with what came too often or not in its turn.

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <vagus/testing/scripted_peer.hpp>
#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "testing/axis_api.hpp"
#include "testing/scripted_peer_fixture.hpp"

namespace vagus::testing {
namespace {

using namespace std::string_literals;

// The test
// ----------------------------------------------------------------------------------------------------------

TEST_F(AScriptedPeer, finds_what_fails_in_a_function_of_the_test) {
  body_.expect("machine.x.home").answer([] { throw Failed("the check in the answer"); });
  body_.expect("machine.x.say").reply("missing"s);
  EXPECT_EQ(failure<RemoteError>([&] { axis_.home().call(); }).find("the check in the answer"), 0u);
  EXPECT_EQ(failure([&] { body_.wait(); }),
            "the conversation was not what was expected\n"
            "expected, and did not come:\n"
            "  machine.x.say(...), once, came 0 times\n"
            "went wrong in the test:\n"
            "  answering machine.x.home(): the check in the answer");
}

TEST_F(AScriptedPeer, takes_other_exceptions_of_a_function_for_answers) {
  body_.expect("machine.x.home").answer([] { throw std::out_of_range("beyond the end stop"); });
  body_.expect("machine.x.home").fail(Failed("told on purpose"));
  EXPECT_THROW(axis_.home().call(), std::out_of_range);
  EXPECT_THROW(axis_.home().call(), RemoteError);
  EXPECT_NO_THROW(body_.verify());
}

TEST_F(AScriptedPeer, finds_a_function_of_the_test_that_takes_other_arguments) {
  body_.expect("machine.x.say").answer([](int) { return 1; });
  body_.expect("machine.x.say").answer([](int, int) { return 1; });
  const std::string too_few = "what answers machine.x.say(\"a\", 1) takes 1 arguments";
  const std::string others = "what answers machine.x.say(\"b\", 2) takes other arguments: ";
  EXPECT_TRUE(contains(failure<std::exception>([&] { axis_.say("a", 1).call(); }), too_few));
  EXPECT_TRUE(contains(failure<std::exception>([&] { axis_.say("b", 2).call(); }), others));
  const std::string told = failure([&] { body_.verify(); });
  EXPECT_TRUE(contains(told, "  answering machine.x.say(\"a\", 1): " + too_few)) << told;
  EXPECT_TRUE(contains(told, "  answering machine.x.say(\"b\", 2): " + others)) << told;
}

TEST_F(AScriptedPeer, finds_a_predicate_that_throws) {
  body_.expect("machine.x.move_to")
      .any_number()
      .when([](const Received& received) { return received.arguments.at(3) == Value(1); })
      .reply(1.0);
  body_.expect("machine.x.move_to", where([](double) -> bool { throw 1; }, "never asked"))
      .any_number()
      .reply(2.0);
  body_.expect("machine.x.move_to").any_number().reply(3.0);
  EXPECT_EQ(axis_.move_to(1.0).call(), 3.0);
  const std::string told = failure([&] { body_.verify(); });
  EXPECT_TRUE(contains(told,
                       "went wrong in the test:\n"
                       "  what was asked of machine.x.move_to(...) where more is asked threw for "
                       "machine.x.move_to(1.0): "))
      << told;
  EXPECT_TRUE(contains(told,
                       "\n  what was asked of machine.x.move_to(never asked) threw for "
                       "machine.x.move_to(1.0): something that is no std::exception"))
      << told;
}

TEST_F(AScriptedPeer, finds_a_predicate_that_throws_for_an_event) {
  head_.wait_open(generous);
  body_.expect_event("machine.x.moved", where([](double) -> bool { throw std::logic_error("not yet"); }));
  const auto any = body_.expect_event("machine.x.moved");
  axis_.moved(1.0).post();
  body_.wait_for(any);
  EXPECT_TRUE(
      contains(failure([&] { body_.verify(); }),
               "what was asked of machine.x.moved(what fits) threw for machine.x.moved(1.0): not yet"));
}

// How often
// ----------------------------------------------------------------------------------------------------------

TEST_F(AScriptedPeer, counts_what_came_before_it_was_told_how_often) {
  head_.wait_open(generous);
  auto moved = body_.expect_event("machine.x.moved", 1.0);
  const auto last = body_.expect_event("machine.x.moved", 2.0);
  for (const double mm : {1.0, 1.0, 2.0}) axis_.moved(mm).post();
  body_.wait_for(last);
  moved.times(3);
  axis_.moved(1.0).post();
  EXPECT_NO_THROW(body_.wait_for(moved));
  EXPECT_EQ(moved.count(), 3u);
  EXPECT_NO_THROW(body_.wait());
}

TEST_F(AScriptedPeer, finds_a_call_that_was_posted_only_if_its_name_is_expected) {
  head_.wait_open(generous);
  const auto last = body_.expect("machine.x.say").any_number().reply("said"s);
  axis_.home().post();
  axis_.say("a", 1).call();  // comes behind it
  EXPECT_NO_THROW(body_.verify());
  const auto homing = body_.expect("machine.x.home").never();
  axis_.home().post();
  body_.wait_for(homing);
  const std::string told = failure([&] { body_.verify(); });
  EXPECT_TRUE(contains(told, "came too often:\n  machine.x.home(...), never, came once")) << told;
  EXPECT_EQ(last.count(), 1u);
}

// In order
// ----------------------------------------------------------------------------------------------------------

class AScriptedPeerInOrder : public ::testing::Test {
 protected:
  AScriptedPeerInOrder() { head_.attach(axis_); }

  ScriptedPeer body_{ScriptedPeerOptions{.in_order = true, .timeout = generous}};
  AxisApi axis_{"machine.x"};
  ApiArb head_{body_.endpoint()};
};

TEST_F(AScriptedPeerInOrder, refuses_what_comes_before_its_turn) {
  body_.expect("machine.x.home").reply();
  body_.expect("machine.x.move_to", 1.0).reply(1.0);
  body_.expect("machine.x.say").any_number().reply("said"s);
  EXPECT_EQ(axis_.say("a", 1).call(), "said");
  const std::string told = failure<RemoteError>([&] { axis_.move_to(1.0).call(); });
  EXPECT_TRUE(contains(told, "in this order:\n  machine.x.home(...), once, came 0 times")) << told;
  EXPECT_NO_THROW(axis_.home().call());
  EXPECT_EQ(axis_.move_to(1.0).call(), 1.0);
}

TEST_F(AScriptedPeerInOrder, refuses_what_comes_after_its_turn) {
  body_.expect("machine.x.home").at_least(1).reply();
  body_.expect("machine.x.say").any_number().reply("said"s);
  body_.expect("machine.x.move_to").reply(1.0);
  EXPECT_NO_THROW(axis_.home().call());
  EXPECT_NO_THROW(axis_.home().call());
  EXPECT_EQ(axis_.say("a", 1).call(), "said");
  EXPECT_NO_THROW(axis_.home().call());  // what may come at any time ends nobody's turn
  EXPECT_EQ(axis_.move_to(1.0).call(), 1.0);
  EXPECT_EQ(axis_.say("a", 1).call(), "said");
  EXPECT_THROW(axis_.home().call(), RemoteError);
  EXPECT_TRUE(contains(failure([&] { body_.verify(); }), "nobody expected it:\n  machine.x.home()"));
}

TEST_F(AScriptedPeerInOrder, may_expect_the_same_again_later) {
  body_.expect("machine.x.home").reply();
  body_.expect("machine.x.move_to").at_least(2).reply(1.0);
  body_.expect("machine.x.home").reply();
  EXPECT_NO_THROW(axis_.home().call());
  EXPECT_NO_THROW(axis_.move_to(1.0).call());
  EXPECT_THROW(axis_.home().call(), RemoteError);  // the other one's turn has not come
  EXPECT_NO_THROW(axis_.move_to(1.0).call());
  EXPECT_NO_THROW(axis_.home().call());
  EXPECT_THROW(axis_.move_to(1.0).call(), RemoteError);
}

}  // namespace
}  // namespace vagus::testing
