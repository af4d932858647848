// Properties: values that one process holds and others see.

#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"
#include "conformance/story.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

using Lines = std::vector<std::string>;

class MachineApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Property<std::string> state{this, "state", "What the machine is doing."};
  Property<int> speed{this, "speed"};
  Method<void()> nothing{this, "nothing"};
  Event<void(int)> ticked{this, "ticked"};
};

/// A process that holds the properties.
struct Holder {
  explicit Holder(const std::string& url, std::optional<std::string> state = {})
      : arb(listen(url), {.name = "holder", .log = log.log()}) {
    if (state) machine.state.update(*state);
    machine.nothing.handle([] {});
    arb.attach(machine);
    arb.start();
  }
  RecordedLog log;
  MachineApi machine{"machine"};
  ApiArb arb;
};

/// One that sees them.
struct Viewer {
  explicit Viewer(const std::string& url, const ApiOptions& options = {})
      : machine("machine", options), arb(connect(url), {.name = "viewer", .log = log.log()}) {
    arb.attach(machine);
  }
  /// Writes down what it sees.
  [[nodiscard]] Registration view(Notes& seen) {
    return machine.state.observe([&](const std::string& state) { seen.add(state); });
  }
  RecordedLog log;
  MachineApi machine;
  ApiArb arb;
};

class Properties : public Conformance {};

TEST_P(Properties, are_seen_at_once_and_after_each_change) {
  Notes seen;
  Holder holder(url(), "idle");
  Viewer viewer(url());
  const auto viewing = viewer.view(seen);
  viewer.arb.start();
  ASSERT_TRUE(seen.await(1));
  holder.machine.state.update("moving");
  ASSERT_TRUE(seen.await(2));
  holder.machine.state.update("idle");
  ASSERT_TRUE(seen.await(3));
  EXPECT_EQ(seen.lines(), (Lines{"idle", "moving", "idle"}));
}

TEST_P(Properties, are_seen_by_who_comes_before_there_is_a_holder) {
  Notes seen;
  Viewer viewer(url());
  const auto viewing = viewer.view(seen);
  viewer.arb.start();
  Holder holder(url(), "idle");
  ASSERT_TRUE(seen.await(1));
  EXPECT_EQ(seen.lines(), Lines{"idle"});
}

TEST_P(Properties, are_seen_by_who_observes_them_long_after_the_link_is_open) {
  Notes seen;
  Holder holder(url(), "idle");
  Viewer viewer(url());
  viewer.machine.nothing().call();
  const auto viewing = viewer.view(seen);
  ASSERT_TRUE(seen.await(1));
  EXPECT_EQ(seen.lines(), Lines{"idle"});
}

TEST_P(Properties, are_seen_when_they_get_their_first_value) {
  Notes seen;
  Holder holder(url());
  Viewer viewer(url());
  const auto viewing = viewer.view(seen);
  viewer.machine.nothing().call();
  EXPECT_FALSE(holder.machine.state.value().has_value());
  holder.machine.state.update("idle");
  EXPECT_EQ(holder.machine.state.value(), "idle");
  ASSERT_TRUE(seen.await(1));
  EXPECT_EQ(seen.lines(), Lines{"idle"});
}

TEST_P(Properties, are_seen_when_their_api_is_attached_later) {
  Notes seen;
  Holder holder(url());
  holder.arb.detach(holder.machine);
  holder.machine.state.update("idle");
  Viewer viewer(url());
  const auto viewing = viewer.view(seen);
  viewer.arb.wait_open(generous);
  holder.arb.wait_open(generous);
  holder.arb.attach(holder.machine);
  ASSERT_TRUE(seen.await(1));
  EXPECT_EQ(seen.lines(), Lines{"idle"});
}

TEST_P(Properties, are_seen_by_each_observer_of_a_process) {
  Notes one;
  Notes two;
  Notes three;
  Holder holder(url(), "idle");
  Viewer viewer(url());
  MachineApi another("machine");
  viewer.arb.attach(another);
  const auto first = viewer.view(one);
  viewer.arb.start();
  ASSERT_TRUE(one.await(1));
  const auto second = viewer.view(two);
  ASSERT_TRUE(two.await(1));
  const auto third = another.state.observe([&](const std::string& state) { three.add(state); });
  ASSERT_TRUE(three.await(1));
  holder.machine.state.update("moving");
  ASSERT_TRUE(one.await(2) && two.await(2) && three.await(2));
  for (const Notes* const seen : {&one, &two, &three}) {
    EXPECT_EQ(seen->lines(), (Lines{"idle", "moving"}));
  }
}

TEST_P(Properties, are_seen_by_several_heads) {
  Notes one;
  Notes two;
  Holder holder(url(), "idle");
  Viewer left(url());
  Viewer right(url());
  const auto to_the_left = left.view(one);
  const auto to_the_right = right.view(two);
  left.arb.start();
  right.arb.start();
  ASSERT_TRUE(one.await(1) && two.await(1));
  EXPECT_EQ(left.machine.state.get().call(), "idle");
  holder.machine.state.update("moving");
  ASSERT_TRUE(one.await(2) && two.await(2));
  EXPECT_EQ(one.lines(), two.lines());
}

TEST_P(Properties, are_seen_anew_when_their_holder_was_restarted) {
  Notes seen;
  Viewer viewer(url());
  const auto viewing = viewer.view(seen);
  viewer.arb.start();
  std::size_t count = 0;
  for (const char* const state : {"first", "second", "second"}) {
    Holder holder(url(), state);
    ASSERT_TRUE(seen.await(++count)) << state;
  }
  EXPECT_EQ(seen.lines(), (Lines{"first", "second", "second"}));
}

TEST_P(Properties, are_told_only_when_they_change) {
  Notes seen;
  Holder holder(url(), "idle");
  Viewer viewer(url());
  const auto viewing = viewer.view(seen);
  viewer.arb.start();
  ASSERT_TRUE(seen.await(1));
  viewer.machine.nothing().call();  // it is counted, too
  const auto posted = holder.arb.stats().messages_posted;
  for (int i = 0; i < 10; ++i) holder.machine.state.update("idle");
  EXPECT_EQ(holder.arb.stats().messages_posted, posted);
  holder.machine.state.update("moving");
  ASSERT_TRUE(seen.await(2));
  EXPECT_EQ(seen.lines(), (Lines{"idle", "moving"}));
}

TEST_P(Properties, a_slow_observer_sees_the_newest_and_not_all) {
  Flag begun;
  Flag go_on;
  Notes seen;
  Holder holder(url());
  holder.machine.speed.update(0);
  Viewer viewer(url());
  const auto viewing = viewer.machine.speed.observe([&](Call& call, int speed) {
    EXPECT_EQ(call.peer().name, "holder");
    seen.add(std::to_string(speed));
    begun.raise();
    go_on.await();
  });
  const AtExit let_go([&] { go_on.raise(); });
  viewer.arb.start();
  ASSERT_TRUE(begun.await());
  for (int speed = 1; speed <= 500; ++speed) holder.machine.speed.update(speed);
  viewer.machine.nothing().call();  // all have arrived
  go_on.raise();
  ASSERT_TRUE(seen.await_line("500"));
  EXPECT_EQ(seen.lines(), (Lines{"0", "500"}));
}

TEST_P(Properties, the_newest_has_a_place_however_full_the_api_is) {
  Flag begun;
  Flag go_on;
  Notes seen;
  Holder holder(url(), "idle");
  Viewer viewer(url(), {.queue = 1});
  const auto slow = viewer.machine.ticked.subscribe([&](int) {
    begun.raise();
    go_on.await();
  });
  const auto viewing = viewer.view(seen);
  const AtExit let_go([&] { go_on.raise(); });
  viewer.arb.start();
  ASSERT_TRUE(seen.await(1));
  viewer.machine.nothing().call();
  holder.machine.ticked(0).post();
  ASSERT_TRUE(begun.await());
  for (int i = 1; i < 5; ++i) holder.machine.ticked(i).post();
  for (const char* const state : {"moving", "turning", "stopped"}) holder.machine.state.update(state);
  viewer.machine.nothing().call();                     // all have arrived
  EXPECT_EQ(viewer.arb.stats().messages_dropped, 4u);  // three of the ticks, and a value that is not the last
  go_on.raise();
  ASSERT_TRUE(seen.await_line("stopped"));
  EXPECT_EQ(seen.lines(), (Lines{"idle", "moving", "stopped"}));
}

TEST_P(Properties, no_change_is_lost_between_the_first_value_and_the_next) {
  constexpr int changes = 500;
  Holder holder(url());
  holder.machine.speed.update(0);
  for (int round = 0; round < 10; ++round) {
    const int last = (round + 1) * changes;
    std::atomic<int> newest{-1};
    Flag at_the_end;
    Flag also_at_the_end;
    Viewer viewer(url());
    std::thread changing([&] {
      for (int speed = round * changes + 1; speed <= last; ++speed) {
        holder.machine.speed.update(speed);
        if (speed % 16 == 0) std::this_thread::yield();
      }
    });
    const AtExit let_end([&] { changing.join(); });
    const auto viewing = viewer.machine.speed.observe([&](int speed) {
      EXPECT_LT(newest.exchange(speed), speed);
      if (speed == last) at_the_end.raise();
    });
    viewer.machine.nothing().call();
    const auto second = viewer.machine.speed.observe([&](int speed) {
      if (speed == last) also_at_the_end.raise();
    });
    ASSERT_TRUE(at_the_end.await() && also_at_the_end.await()) << "in round " << round;
  }
}

TEST_P(Properties, end_to_be_seen_with_the_registration) {
  Notes seen;
  Holder holder(url(), "idle");
  Viewer viewer(url());
  auto viewing = viewer.view(seen);
  viewer.arb.start();
  ASSERT_TRUE(seen.await(1));
  viewing.reset();
  viewer.machine.nothing().call();  // what was told before arrives before
  const auto posted = holder.arb.stats().messages_posted;
  holder.machine.state.update("moving");
  EXPECT_EQ(holder.arb.stats().messages_posted, posted);
  viewing = viewer.view(seen);
  ASSERT_TRUE(seen.await(2));
  EXPECT_EQ(seen.lines(), (Lines{"idle", "moving"}));
}

TEST_P(Properties, an_observer_that_throws_is_logged_and_sees_the_next) {
  Tally seen;
  Holder holder(url(), "idle");
  Viewer viewer(url());
  const auto viewing = viewer.machine.state.observe([&](const std::string&) {
    seen.add();
    throw std::runtime_error("out of the observer");
  });
  viewer.arb.start();
  ASSERT_TRUE(seen.await(1));
  holder.machine.state.update("moving");
  EXPECT_TRUE(seen.await(2));
  EXPECT_TRUE(viewer.log.transcript().await_line("out of the observer"));
}

// Asked for and set
// ------------------------------------------------------------------------------------------------------------

TEST_P(Properties, are_asked_for_in_any_way_to_call) {
  Holder holder(url(), "idle");
  Viewer viewer(url());
  EXPECT_EQ(viewer.machine.state.get().call(), "idle");
  EXPECT_EQ(viewer.machine.state.get().async().get(generous), "idle");
  EXPECT_EQ(viewer.arb.proxy("machine.state").action("get").call<std::string>(), "idle");
  const auto unheld = error_of(viewer.machine.speed.get());
  ASSERT_NE(unheld, nullptr);
  EXPECT_EQ(unheld->code(), ErrorCode::unsupported_api) << unheld->what();
}

TEST_P(Properties, are_set_where_their_holder_allows_it) {
  Notes seen;
  Holder holder(url());
  holder.machine.speed.update(0);
  holder.machine.speed.on_set([](int wanted) {
    if (wanted < 0) throw std::invalid_argument("nothing is slower than to stand");
    return std::min(wanted, 100);
  });
  Viewer viewer(url());
  Viewer other(url());
  const auto viewing = other.machine.speed.observe([&](int speed) { seen.add(std::to_string(speed)); });
  other.arb.start();
  ASSERT_TRUE(seen.await(1));
  EXPECT_EQ(viewer.machine.speed.set(40).call(), 40);
  ASSERT_TRUE(seen.await(2));
  EXPECT_EQ(viewer.machine.speed.set(400).call(), 100);
  ASSERT_TRUE(seen.await(3));
  EXPECT_THROW(viewer.machine.speed.set(-1).call(), std::invalid_argument);
  EXPECT_EQ(viewer.machine.speed.get().call(), 100);
  EXPECT_EQ(holder.machine.speed.value(), 100);
  EXPECT_EQ(seen.lines(), (Lines{"0", "40", "100"}));
}

TEST_P(Properties, a_hook_that_returns_nothing_takes_what_is_wanted_and_may_ask_who_wants_it) {
  Notes setters;
  Holder holder(url(), "idle");
  holder.machine.state.on_set(
      [&](Call& call, const std::string& wanted) { setters.add(call.peer().name + " wants " + wanted); });
  Viewer viewer(url());
  EXPECT_EQ(viewer.machine.state.set("moving").call(), "moving");
  EXPECT_EQ(viewer.machine.state.get().call(), "moving");
  EXPECT_EQ(setters.lines(), Lines{"viewer wants moving"});
}

TEST_P(Properties, are_not_set_where_nothing_was_said_about_it) {
  Holder holder(url(), "idle");
  Viewer viewer(url());
  const auto refused = error_of(viewer.machine.state.set("moving"));
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->code(), ErrorCode::unsupported_api) << refused->what();
  EXPECT_EQ(viewer.machine.state.get().call(), "idle");
}

// As others see them
// ------------------------------------------------------------------------------------------------------------

TEST_P(Properties, are_described_as_what_they_are_made_of) {
  Holder holder(url(), "idle");
  const Description told = holder.arb.describe("machine.state.**");
  ASSERT_NE(told.api("machine.state"), nullptr);
  EXPECT_EQ(told.api("machine.state")->docs, "What the machine is doing.");
  ASSERT_EQ(told.members.size(), 3u);
  EXPECT_EQ(to_string(told.members[0]), "changed(value: string)");
  EXPECT_TRUE(told.members[0].event);
  EXPECT_EQ(to_string(told.members[1]), "get() -> string");
  EXPECT_TRUE(told.members[1].handled);
  EXPECT_EQ(to_string(told.members[2]), "set(value: string) -> string");
  EXPECT_FALSE(told.members[2].handled);
}

TEST_P(Properties, are_seen_by_a_pattern_at_once) {
  Notes heard;
  Holder holder(url(), "idle");
  Viewer viewer(url());
  const auto hear = [&](const HeardEvent& event) {
    heard.add(event.name_space + " " + to_string(Value(event.arguments)));
  };
  const auto first = viewer.arb.subscribe("machine.**", hear);
  viewer.arb.start();
  ASSERT_TRUE(heard.await(1));
  const auto second = viewer.arb.subscribe("*.*.changed", hear);
  ASSERT_TRUE(heard.await(2));
  EXPECT_EQ(heard.lines().front(), "machine.state.changed [\"idle\"]");
}

TEST_P(Properties, over_the_wire_are_an_event_and_calls) {
  Holder holder(url(), "idle");
  RawHead raw(url());
  raw->open({}, {"machine.state.changed"});
  EXPECT_EQ(raw->receive_call(), Value(Value::Array{2, "machine.state.changed", Value::Array{"idle"}}));
  raw->send(Value::Array{0, 7, "machine.state.get", Value::Array{}});
  EXPECT_EQ(raw->receive_call(), Value(Value::Array{1, 7, nullptr, "idle"}));
  holder.machine.state.update("moving");
  EXPECT_EQ(raw->receive_call(), Value(Value::Array{2, "machine.state.changed", Value::Array{"moving"}}));
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Properties);

// A head that stands still
// ------------------------------------------------------------------------------------------------------------

class PropertiesOfFullLinks : public Conformance {};

TEST_P(PropertiesOfFullLinks, wait_for_nobody_and_the_newest_comes_in_the_end) {
  constexpr int last = 20'000;  // many times what the link holds
  RawBody body(url());
  Viewer holder(with_option(url(), "ring=4096"));
  holder.arb.start();
  const auto link = body.accept();
  link->open({}, {"machine.speed.changed", "machine.state.changed"});
  holder.arb.wait_open(generous);
  holder.machine.state.update("moving");
  for (int speed = 1; speed <= last; ++speed) holder.machine.speed.update(speed);
  holder.machine.state.update("idle");
  std::int64_t newest = 0;
  int messages = 0;
  Lines states;
  while (newest != last || states.empty() || states.back() != "idle") {
    const auto message = link->receive_call();
    ASSERT_TRUE(message.has_value()) << "cut off after " << messages;
    const Value& value = message->array().at(2).array().at(0);
    if (message->array().at(1) == Value("machine.state.changed")) {
      // Twice if it changed while what is retained was told for the first time.
      if (states.empty() || states.back() != value.string()) states.push_back(value.string());
    } else {
      EXPECT_LE(newest, value.integer());
      newest = value.integer();
    }
    ++messages;
  }
  EXPECT_EQ(states, (Lines{"moving", "idle"}));
  EXPECT_LT(messages, last / 2);
}

VAGUS_OVER_EACH_TRANSPORT_OF_MEMORY(PropertiesOfFullLinks);

// Holders that are killed
// ------------------------------------------------------------------------------------------------------------

class PropertiesOfProcesses : public Conformance {
 protected:
  void hold(const std::string& state) const {
    Holder holder(url(), state);
    holder.arb.run_until_signal();
  }
};

TEST_P(PropertiesOfProcesses, are_seen_when_their_holder_was_killed_and_another_one_has_come) {
  const Signpost go_on;
  Process first([&] { hold("first"); });
  Process second([&] {
    go_on.wait();
    hold("second");
  });
  {
    Notes seen;
    Story story;
    Viewer viewer(url());
    const auto listening = story.listen_to(viewer.arb);
    const auto viewing = viewer.view(seen);
    viewer.arb.start();
    ASSERT_TRUE(seen.await(1));
    first.kill();
    ASSERT_TRUE(story.await(LinkState::disconnected));
    EXPECT_EQ(first.wait(), -SIGKILL);
    go_on.raise();
    ASSERT_TRUE(seen.await(2));
    EXPECT_EQ(seen.lines(), (Lines{"first", "second"}));
    EXPECT_EQ(viewer.machine.state.get().call(), "second");
  }
  second.signal(SIGTERM);
  EXPECT_EQ(second.wait(), 0);
}

INSTANTIATE_TEST_SUITE_P(Over, PropertiesOfProcesses, ::testing::Values("shm", "unix", "tcp"),
                         [](const auto& transport) { return std::string(transport.param); });

}  // namespace
}  // namespace vagus::testing
