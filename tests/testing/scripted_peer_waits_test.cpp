// How long a scripted peer waits, and for what.

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/testing/fake_clock.hpp>
#include <vagus/testing/scripted_peer.hpp>
#include <vagus/testing/transcript.hpp>
#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "testing/axis_api.hpp"
#include "testing/scripted_peer_fixture.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(AScriptedPeer, waits_until_all_has_come) {
  body_.expect("machine.x.home").times(2).reply();
  const auto first = axis_.home().async();
  const auto second = axis_.home().async();
  EXPECT_NO_THROW(body_.wait());
  first.get();
  second.get();
}

TEST(AScriptedPeerThatWaits, ends_at_its_deadline_and_says_what_it_waited_for) {
  ScriptedPeer body({.timeout = 10ms});
  const auto home = body.expect("machine.x.home").reply();
  EXPECT_EQ(failure([&] { body.wait_for(home); }),
            "waited 10 ms for machine.x.home(...), once, came 0 times\n"
            "expected, and did not come:\n"
            "  machine.x.home(...), once, came 0 times");
  EXPECT_THROW(body.wait(), Failed);
  EXPECT_THROW(body.wait_connected(), Failed);
  EXPECT_THROW(body.expect("machine.x.say").hold().reply(1), Failed);
  EXPECT_TRUE(contains(failure([&] { body.send_event("machine.x.moved", 1.0); }), "nobody is connected"));
}

TEST(AScriptedPeerThatWaits, does_so_by_the_machines_clock) {
  FakeClock clock;
  const ClockInUse in_use{clock};
  ScriptedPeer body({.timeout = 10ms});
  EXPECT_THROW(body.wait_for(body.expect("machine.x.home").reply()), Failed);
}

TEST(AScriptedPeerThatWaits, may_do_so_for_ever) {
  for (const Duration timeout :
       {no_timeout, no_timeout - 1ns, Duration(std::chrono::hours(24 * 365 * 200))}) {
    ScriptedPeer body({.timeout = timeout});
    Transcript transcript;
    AxisApi axis{"machine.x"};
    Flag heard;
    const auto listening = axis.moved.subscribe([&](double) { heard.raise(); });
    const auto held = body.expect("machine.x.home").hold();
    const auto connected = std::async(std::launch::async, [&] { EXPECT_NO_THROW(body.wait_connected()); });
    const auto sent =
        std::async(std::launch::async, [&] { EXPECT_NO_THROW(body.send_event("machine.x.moved", 1.0)); });
    const auto came = std::async(std::launch::async, [&] { EXPECT_NO_THROW(body.wait_for(held)); });
    const auto given_up = std::async(std::launch::async, [&] { EXPECT_NO_THROW(held.wait_given_up()); });
    const auto written = std::async(
        std::launch::async, [&] { EXPECT_NO_THROW(transcript.wait_for("-> call machine.x.home", timeout)); });
    ApiArb head{transcript.record(body.endpoint())};
    head.attach(axis);
    const auto homing = axis.home().async();
    came.wait();
    homing.cancel();
    for (const auto* waiting : {&connected, &sent, &given_up, &written}) waiting->wait();
    EXPECT_TRUE(heard.await());
  }
}

// Progress
// ----------------------------------------------------------------------------------------------------------

TEST_F(AScriptedPeer, waits_with_progress_for_who_is_behind) {
  constexpr int parts = 500;  // more than may be on their way
  const auto held = body_.expect("machine.x.move_to").hold();
  auto stream = axis_.move_to(1.0).stream<int>();
  const auto reporting = std::async(std::launch::async, [&] {
    for (int part = 0; part < parts; ++part) held.progress(part);
    held.reply(1.0);
  });
  for (int part = 0; part < parts; ++part) EXPECT_EQ(stream.next(), part);
  EXPECT_EQ(stream.next(), std::nullopt);
  EXPECT_EQ(stream.get(), 1.0);
}

TEST(AScriptedPeerThatWaits, does_so_no_longer_for_who_takes_no_progress) {
  ScriptedPeer body({.timeout = 10ms});
  AxisApi axis{"machine.x"};
  ApiArb head{body.endpoint()};
  head.attach(axis);
  Flag came;
  const auto held = body.expect("machine.x.move_to")
                        .when([&](const Received&) {
                          came.raise();
                          return true;
                        })
                        .hold();
  const auto stream = axis.move_to(1.0).stream<int>();
  ASSERT_TRUE(came.await());
  const auto report = [&] {
    for (int part = 0; part < 10'000; ++part) held.progress(part);
  };
  EXPECT_EQ(failure(report), "the caller of machine.x.move_to(1.0) takes no more progress");
}

TEST_F(AScriptedPeer, does_not_report_to_who_has_given_up) {
  const auto held = body_.expect("machine.x.move_to").hold();
  auto stream = axis_.move_to(1.0).stream<int>();
  held.wait();
  stream.cancel();
  held.wait_given_up();
  EXPECT_THROW(held.progress(1), TransactionCancelled);
}

}  // namespace
}  // namespace vagus::testing
