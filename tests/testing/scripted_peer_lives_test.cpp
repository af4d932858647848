// What a scripted peer does by itself: events, calls, dying and coming back.

#include <optional>
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

// Events
// ----------------------------------------------------------------------------------------------------------

TEST_F(AScriptedPeer, sends_events_to_who_listens) {
  double position = 0;
  Flag heard;
  const auto listening = axis_.moved.subscribe([&](double mm) {
    position = mm;
    heard.raise();
  });
  head_.start();
  body_.send_event("machine.x.moved", 3.5);
  ASSERT_TRUE(heard.await());
  EXPECT_EQ(position, 3.5);
}

TEST_F(AScriptedPeer, sends_events_to_who_listens_to_a_pattern) {
  std::string name;
  Flag heard;
  const auto listening = head_.subscribe("machine.**", [&](const HeardEvent& event) {
    name = event.name_space;
    heard.raise();
  });
  head_.start();
  body_.send_event("machine.x.moved", 3.5);
  ASSERT_TRUE(heard.await());
  EXPECT_EQ(name, "machine.x.moved");
}

TEST_F(AScriptedPeer, sends_events_with_arguments_by_name) {
  std::string came;
  Flag heard;
  const auto listening = head_.subscribe("machine.**", [&](const HeardEvent& event) {
    came = to_string(Received{event.name_space, event.arguments, event.named});
    heard.raise();
  });
  head_.start();
  body_.send_event("machine.x.moved", 3.5, kw("unit", "mm"), kw("axis", 2));
  ASSERT_TRUE(heard.await());
  EXPECT_EQ(came, "machine.x.moved(3.5, unit=\"mm\", axis=2)");
}

TEST_F(AScriptedPeer, expects_events) {
  head_.wait_open(generous);
  const auto far = body_.expect_event("machine.x.moved", where([](double mm) { return mm > 1; }));
  body_.expect_event("machine.x.moved", 0.5).times(2);
  for (const double mm : {0.5, 2.0, 0.5}) axis_.moved(mm).post();
  body_.wait_for(far);
  EXPECT_NO_THROW(body_.wait());
  EXPECT_EQ(far.count(), 1u);
}

TEST_F(AScriptedPeer, finds_events_that_come_too_often_or_should_never) {
  head_.wait_open(generous);
  body_.expect_event("machine.x.moved", 1.0);
  body_.expect_event("machine.x.moved", 2.0).never();
  const auto last = body_.expect_event("machine.x.moved", 3.0);
  for (const double mm : {1.0, 1.0, 2.0, 3.0}) axis_.moved(mm).post();
  body_.wait_for(last);
  EXPECT_EQ(failure([&] { body_.verify(); }),
            "the conversation was not what was expected\n"
            "came too often:\n"
            "  event machine.x.moved(1.0), once, came 2 times\n"
            "  event machine.x.moved(2.0), never, came once");
}

TEST_F(AScriptedPeer, does_not_mind_events_that_it_does_not_expect_but_names_them) {
  head_.wait_open(generous);
  body_.expect_event("machine.x.moved", 2.0);
  axis_.moved(1.0).post();
  axis_.moved(2.0).post();
  EXPECT_NO_THROW(body_.wait());
}

TEST(AScriptedPeerThatWaits, names_the_events_that_came_instead) {
  ScriptedPeer body;
  AxisApi axis{"machine.x"};
  ApiArb head{body.endpoint()};
  head.attach(axis);
  head.wait_open(generous);
  const auto last = body.expect_event("machine.x.moved", 1.0);
  axis.moved(1.5).post();
  axis.moved(1.0).post();
  body.wait_for(last);
  body.expect_event("machine.x.moved", 2.0);
  const std::string told = failure([&] { body.verify(); });
  EXPECT_TRUE(contains(told, "event machine.x.moved(2.0), once, came 0 times")) << told;
  EXPECT_TRUE(contains(told, "other events that came:\n  machine.x.moved(1.5)")) << told;
}

// As a head
// ----------------------------------------------------------------------------------------------------------

TEST(AScriptedPeerAsAHead, calls_the_handlers_of_a_body) {
  AxisApi served{"machine.x"};
  served.move_to.handle([](double mm) { return mm + 1; });
  ApiArb body{listen("inproc://played-head")};
  body.attach(served);
  body.start();
  ScriptedPeer head{connect("inproc://played-head")};
  EXPECT_EQ(head.call<double>("machine.x.move_to", 2.0), 3.0);
  EXPECT_EQ(head.call<double>("machine.x.move_to", kw("target_mm", 3.0)), 4.0);
  EXPECT_THROW(head.call<void>("machine.x.home"), UnsupportedApiError);
  const auto moved = head.expect_event("machine.x.moved", 4.0);
  served.moved(4.0).post();
  EXPECT_NO_THROW(head.wait());
}

TEST_F(AScriptedPeer, calls_the_handlers_of_a_head) {
  axis_.move_to.handle([](double mm) { return mm + 1; });
  head_.wait_open(generous);
  EXPECT_EQ(body_.call<double>("machine.x.move_to", 2.0), 3.0);
}

TEST_F(AScriptedPeer, may_be_used_by_what_answers) {
  axis_.home.handle([] {});
  body_.expect("machine.x.move_to").answer([&](double mm) {
    body_.call<void>("machine.x.home");
    body_.expect("machine.x.say").reply("later"s);
    return mm;
  });
  EXPECT_EQ(axis_.move_to(1.0).call(), 1.0);
  EXPECT_EQ(axis_.say("a", 1).call(), "later");
}

// Dying and coming back
// ----------------------------------------------------------------------------------------------------------

TEST_F(AScriptedPeer, takes_the_calls_that_it_holds_along_when_it_dies) {
  const auto held = body_.expect("machine.x.move_to").hold();
  const auto moving = axis_.move_to(1.0).async();
  held.wait();
  body_.disconnect();
  try {
    moving.get();
    FAIL() << "the call has a result";
  } catch (const TransportDisconnectedError& error) {
    EXPECT_EQ(error.execution(), Execution::unknown);
  }
  EXPECT_THROW(body_.call<void>("machine.x.home"), Failed);
}

TEST_F(AScriptedPeer, comes_back_as_another_process_that_expects_the_same) {
  Flag restarted;
  const auto watching = head_.on_state([&](const LinkEvent& event) {
    if (event.peer_restarted) restarted.raise();
  });
  body_.expect("machine.x.home").any_number().reply();
  axis_.home().call();
  body_.disconnect();
  body_.disconnect();
  const auto moving = body_.expect("machine.x.move_to").reply(1.0);
  body_.reconnect();
  body_.reconnect();
  ASSERT_TRUE(restarted.await());
  EXPECT_NO_THROW(axis_.home().call());
  EXPECT_EQ(axis_.move_to(1.0).call(), 1.0);
  EXPECT_EQ(moving.count(), 1u);
}

TEST_F(AScriptedPeer, may_die_of_a_call) {
  body_.expect("machine.x.home").answer([&] { body_.disconnect(); });
  EXPECT_THROW(axis_.home().call(), TransportDisconnectedError);
  body_.reconnect();
}

TEST(AScriptedPeerWithAUrl, has_one_that_nobody_else_has) {
  const ScriptedPeer one;
  const ScriptedPeer other;
  EXPECT_NE(one.url(), other.url());
  EXPECT_THROW(ScriptedPeer{listen(one.url())}, TransportDisconnectedError);
}

TEST(AScriptedPeerThatIsGone, leaves_what_it_has_given_out_behind) {
  std::optional<ScriptedPeer> body(std::in_place);
  AxisApi axis{"machine.x"};
  ApiArb head{body->endpoint()};
  head.attach(axis);
  const auto held = body->expect("machine.x.move_to").hold();
  const auto moving = axis.move_to(1.0).async();
  body->wait_for(held);
  body.reset();
  EXPECT_THROW(moving.get(), TransportDisconnectedError);
  EXPECT_EQ(held.count(), 1u);
}

TEST_F(AScriptedPeer, refuses_what_is_no_name) {
  EXPECT_THROW(body_.expect("machine..x").never(), ApiParamError);
  EXPECT_THROW(body_.expect_event("$hello"), ApiParamError);
  EXPECT_THROW(body_.send_event("machine..x", 1.0), ApiParamError);
}

}  // namespace
}  // namespace vagus::testing
