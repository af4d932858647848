#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <vagus/testing/fake_clock.hpp>
#include <vagus/testing/faulty_transport.hpp>
#include <vagus/testing/scripted_peer.hpp>
#include <vagus/testing/through.hpp>
#include <vagus/testing/transcript.hpp>
#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "testing/axis_api.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

/// A recorded head and a body that is played.
class ATranscript : public ::testing::Test {
 protected:
  explicit ATranscript(const TranscriptOptions& options = {}) : transcript_(options) { head_.attach(axis_); }

  Transcript transcript_;
  ScriptedPeer body_;
  AxisApi axis_{"machine.x"};
  ApiArb head_{transcript_.record(body_.endpoint())};
};

TEST_F(ATranscript, has_calls_and_what_becomes_of_them) {
  body_.expect("machine.x.move_to", 120.0).reply(119.5);
  body_.expect("machine.x.move_to").fail(std::out_of_range("beyond the end stop"));
  body_.expect("machine.x.home").reply();
  axis_.move_to(120.0).call();
  EXPECT_THROW(axis_.move_to(400.0).call(), std::out_of_range);
  axis_.home().call();
  EXPECT_EQ(transcript_.to_string(),
            "-> call machine.x.move_to(120.0)\n"
            "<- reply 119.5\n"
            "-> call machine.x.move_to(400.0)\n"
            "<- error std::out_of_range: beyond the end stop\n"
            "-> call machine.x.home()\n"
            "<- reply\n");
}

TEST_F(ATranscript, has_arguments_by_name) {
  body_.expect("machine.x.say").reply("a b");
  head_.proxy("machine").action("x.say", "a", kw("times", 2)).call<std::string>();
  EXPECT_EQ(transcript_.to_string(),
            "-> call machine.x.say(\"a\", times=2)\n"
            "<- reply \"a b\"\n");
}

TEST_F(ATranscript, has_events_and_calls_of_the_other_side) {
  Flag heard;
  const auto listening = axis_.moved.subscribe([&](double) { heard.raise(); });
  axis_.home.handle([] {});
  head_.wait_open(generous);
  body_.expect_event("machine.x.moved", 1.5);
  axis_.moved(1.5).post();
  body_.wait();
  body_.send_event("machine.x.moved", 2.5);
  ASSERT_TRUE(heard.await());
  body_.call<void>("machine.x.home");
  EXPECT_EQ(transcript_.to_string(),
            "-> event machine.x.moved(1.5)\n"
            "<- event machine.x.moved(2.5)\n"
            "<- call machine.x.home()\n"
            "-> reply\n");
}

TEST_F(ATranscript, has_progress_and_cancellations) {
  const auto held = body_.expect("machine.x.move_to").hold();
  auto stream = axis_.move_to(1.0).stream<double>();
  held.progress(0.5);
  EXPECT_EQ(stream.next(), 0.5);
  stream.cancel();
  held.wait_given_up();
  EXPECT_EQ(transcript_.to_string(),
            "-> call machine.x.move_to(1.0)\n"
            "<- progress 0.5\n"
            "-> cancel machine.x.move_to\n");
}

TEST_F(ATranscript, waits_for_a_line) {
  body_.expect("machine.x.home").reply();
  const auto homing = axis_.home().async();
  EXPECT_NO_THROW(transcript_.wait_for("<- reply"));
  homing.get();
  try {
    transcript_.wait_for("machine.y", 1ms);
    FAIL() << "there is no such line";
  } catch (const Failed& failed) {
    EXPECT_STREQ(failed.what(),
                 "no line of the transcript contains 'machine.y':\n"
                 "-> call machine.x.home()\n"
                 "<- reply\n");
  }
  transcript_.clear();
  EXPECT_TRUE(transcript_.lines().empty());
}

class ATranscriptWithIds : public ATranscript {
 protected:
  ATranscriptWithIds() : ATranscript({.ids = true}) {}
};

TEST_F(ATranscriptWithIds, tells_which_reply_is_whose) {
  const auto first_held = body_.expect("machine.x.move_to", 1.0).hold();
  body_.expect("machine.x.move_to", 2.0).reply(20.0);
  const auto first = axis_.move_to(1.0).async();
  EXPECT_EQ(axis_.move_to(2.0).call(), 20.0);
  first_held.reply(10.0);
  first.get();
  EXPECT_EQ(transcript_.to_string(),
            "-> call 1.head machine.x.move_to(1.0)\n"
            "-> call 2.head machine.x.move_to(2.0)\n"
            "<- reply 2.head 20.0\n"
            "<- reply 1.head 10.0\n");
}

class ATranscriptWithAllThatThereIs : public ATranscript {
 protected:
  ATranscriptWithAllThatThereIs() : ATranscript({.internal = true}) {}
};

TEST_F(ATranscriptWithAllThatThereIs, has_what_the_peers_tell_each_other) {
  head_.wait_open(generous);
  EXPECT_NO_THROW(transcript_.wait_for("-> event $interest("));
  EXPECT_NO_THROW(transcript_.wait_for("<- event $interest("));
}

TEST(ATranscriptWithTimes, goes_by_the_clock_in_use) {
  FakeClock clock;
  const ClockInUse in_use{clock};
  Transcript transcript({.times = true});
  ScriptedPeer body;
  body.expect("machine.x.home").any_number().reply();
  AxisApi axis{"machine.x"};
  ApiArb head{transcript.record(body.endpoint())};
  head.attach(axis);
  axis.home().call();
  clock.advance(1500ms);
  axis.home().call();
  EXPECT_EQ(transcript.to_string(),
            "[0.000 s] -> call machine.x.home()\n"
            "[0.000 s] <- reply\n"
            "[1.500 s] -> call machine.x.home()\n"
            "[1.500 s] <- reply\n");
}

TEST(ATranscriptOfSeveral, names_them) {
  Transcript transcript;
  ScriptedPeer left;
  ScriptedPeer right;
  left.expect("left.home").reply();
  right.expect("right.home").reply();
  AxisApi left_axis{"left"};
  AxisApi right_axis{"right"};
  ApiArb head{transcript.record(left.endpoint().named("left"), "left:"),
              transcript.record(right.endpoint().named("right"), "right:")};
  head.attach(left_axis, {.peer = "left"});
  head.attach(right_axis, {.peer = "right"});
  left_axis.home().call();
  right_axis.home().call();
  EXPECT_EQ(transcript.to_string(),
            "left: -> call left.home()\n"
            "left: <- reply\n"
            "right: -> call right.home()\n"
            "right: <- reply\n");
}

TEST(ATranscriptOfABody, sees_it_from_there) {
  Transcript transcript;
  AxisApi served{"machine.x"};
  served.home.handle([] {});
  ApiArb body{transcript.record(listen("inproc://transcript-test"))};
  body.attach(served);
  body.start();
  ScriptedPeer head{connect("inproc://transcript-test")};
  head.call<void>("machine.x.home");
  EXPECT_EQ(transcript.to_string(),
            "<- call machine.x.home()\n"
            "-> reply\n");
}

TEST(ATranscriptOfAFaultyLink, shows_what_is_no_message_any_more) {
  ScriptedPeer body;
  const auto faulty = make_faulty("inproc", {.seed = 1});
  Transcript transcript;
  ApiArb head{through(faulty, body.endpoint())};
  head.wait_open(generous);
  head.stop();
  AxisApi served{"machine.x"};
  served.home.handle([] {});
  ApiArb recorded{transcript.record(through(faulty, listen("inproc://transcript-of-faults")))};
  recorded.attach(served);
  recorded.start();
  AxisApi axis{"machine.x"};
  ApiArb caller{through(faulty, connect("inproc://transcript-of-faults"))};
  caller.attach(axis);
  axis.home().call();
  faulty->set({.truncate = 1});
  EXPECT_THROW(axis.home().call(), Error);
  EXPECT_NO_THROW(transcript.wait_for("<- malformed ("));
  faulty->set({});
}

TEST(ATranscriptThatIsGone, does_not_keep_its_links_from_working) {
  ScriptedPeer body;
  body.expect("machine.x.home").any_number().reply();
  auto transcript = std::make_unique<Transcript>();
  AxisApi axis{"machine.x"};
  ApiArb head{transcript->record(body.endpoint())};
  head.attach(axis);
  axis.home().call();
  transcript.reset();
  EXPECT_NO_THROW(axis.home().call());
}

}  // namespace
}  // namespace vagus::testing
