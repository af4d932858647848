// A scripted peer that dies is gone at once, whatever it does at the moment.

#include <unistd.h>

#include <cstddef>
#include <future>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <vagus/testing/scripted_peer.hpp>
#include <vagus/vagus.hpp>

#include "script.hpp"
#include "support/core/flag.hpp"
#include "testing/axis_api.hpp"
#include "testing/scripted_peer_fixture.hpp"

namespace vagus::testing {
namespace {

using namespace std::string_literals;

/// What a call ends in whose peer dies.
template <typename T>
void expect_lost(const AsyncResult<T>& pending) {
  try {
    pending.get();
    ADD_FAILURE() << "the call has a result";
  } catch (const TransportDisconnectedError& error) {
    EXPECT_EQ(error.execution(), Execution::unknown);
  }
}

/// Over a transport, by the beginning of its URLs.
class AScriptedPeerThatDies : public ::testing::TestWithParam<std::string> {
 protected:
  AScriptedPeerThatDies() { head_.attach(axis_); }

  ScriptedPeer body_{listen(GetParam() + "scripted-peer-that-dies-" + std::to_string(::getpid())),
                     ScriptedPeerOptions{.timeout = generous}};
  AxisApi axis_{"machine.x"};
  ApiArb head_{body_.endpoint()};
};

TEST_P(AScriptedPeerThatDies, of_a_call_takes_those_along_that_it_holds) {
  const auto held = body_.expect("machine.x.move_to").hold();
  body_.expect("machine.x.home").answer([&] { body_.disconnect(); });
  const auto moving = axis_.move_to(1.0).async();
  held.wait();
  const auto homing = axis_.home().async();
  expect_lost(homing);
  expect_lost(moving);
}

TEST_P(AScriptedPeerThatDies, does_not_wait_for_what_it_does_before_its_links_end) {
  Flag restarted;
  const auto watching = head_.on_state([&](const LinkEvent& event) {
    if (event.peer_restarted) restarted.raise();
  });
  Flag answering;
  Flag released;
  body_.expect("machine.x.move_to").answer([&](double mm) {
    answering.raise();
    released.await();
    return mm;
  });
  const auto queued = body_.expect("machine.x.home").any_number().reply();
  const auto moving = axis_.move_to(1.0).async();
  ASSERT_TRUE(answering.await());
  const auto homing = axis_.home().async();

  const auto dying = std::async(std::launch::async, [&] { body_.disconnect(); });
  const AtExit release([&] { released.raise(); });
  expect_lost(moving);
  EXPECT_THROW(homing.get(), TransportDisconnectedError);
  EXPECT_EQ(queued.count(), 0u);

  // There is room for the next life, which has nothing to do with the end of this one.
  body_.reconnect();
  ASSERT_TRUE(restarted.await());
  const auto held = body_.expect("machine.x.say").hold();
  const auto saying = axis_.say("a", 1).async();
  held.wait();
  released.raise();
  dying.wait();
  held.reply("later"s);
  EXPECT_EQ(saying.get(), "later");
  EXPECT_EQ(queued.count(), 0u);
}

TEST_P(AScriptedPeerThatDies, leaves_its_address_to_who_sees_it_die) {
  for (int time = 0; time < 20; ++time) {
    ScriptedPeer body{listen(GetParam() + "scripted-peer-that-leaves-" + std::to_string(::getpid()))};
    ApiArb head{body.endpoint()};
    Flag lost;
    const auto watching = head.on_state([&](const LinkEvent& event) {
      if (event.state == LinkState::disconnected) lost.raise();
    });
    head.wait_open(generous);
    const auto dying = std::async(std::launch::async, [&] { body.disconnect(); });
    ASSERT_TRUE(lost.await());
    EXPECT_NO_THROW(ScriptedPeer{listen(body.url())});
    dying.wait();
  }
}

TEST(AScriptOfALifeThatHasEnded, counts_nothing_of_what_still_comes_in_it) {
  vagus::detail::Script script(false, generous);
  vagus::detail::Expected expected;
  expected.message = vagus::detail::named_message("machine.x.moved");
  expected.event = true;
  const std::size_t moved = script.add(std::move(expected));
  const Received received{"machine.x.moved", {}, {}};
  script.end_life(1);
  script.event(received, 1);
  EXPECT_EQ(script.count(moved), 0u);
  EXPECT_THROW(script.refuse(received, 1), Failed);
  script.event(received, 2);
  EXPECT_EQ(script.count(moved), 1u);
  EXPECT_NO_THROW(script.verify());
  EXPECT_THROW(script.refuse(received, 2), Failed);
  EXPECT_THROW(script.verify(), Failed);
}

INSTANTIATE_TEST_SUITE_P(Over, AScriptedPeerThatDies, ::testing::Values("inproc://", "shm://", "unix://@"),
                         [](const auto& url) { return url.param.substr(0, url.param.find(':')); });

TEST(AScriptedPeerThatDiesAsAHead, ends_its_link_while_it_answers) {
  AxisApi served{"machine.x"};
  ApiArb body{listen("inproc://played-head-that-dies")};
  body.attach(served);
  body.start();
  ScriptedPeer head{connect("inproc://played-head-that-dies"), {.timeout = generous}};
  Flag answering;
  Flag released;
  head.expect("machine.x.home").answer([&] {
    answering.raise();
    released.await();
  });
  head.wait_connected();
  Flag lost;
  const auto watching = body.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::disconnected) lost.raise();
  });
  const auto homing = served.home().async();
  ASSERT_TRUE(answering.await());
  const auto dying = std::async(std::launch::async, [&] { head.disconnect(); });
  const AtExit release([&] { released.raise(); });
  expect_lost(homing);
  EXPECT_TRUE(lost.await());
  released.raise();
  dying.wait();
  EXPECT_FALSE(body.connected());
  head.reconnect();
  EXPECT_NO_THROW(head.wait_connected());
}

}  // namespace
}  // namespace vagus::testing
