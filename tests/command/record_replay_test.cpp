// `vagus record` beside a body, and `vagus replay` in its place.

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "exit_codes.hpp"
#include "json.hpp"
#include "piped_command.hpp"
#include "recording.hpp"
#include "run_command.hpp"
#include "support/core/flag.hpp"
#include "support/core/notes.hpp"

namespace vagus::testing {

struct Contact {
  int x = 0;
  std::string tool;
};
VAGUS_FIELDS(Contact, x, tool)

namespace {

using namespace std::chrono_literals;
using tools::RecordedEntry;
using tools::RecordingReader;
using tools::RecordingWriter;
using Lines = std::vector<std::string>;

struct LatheApi : ApiBase {
  using ApiBase::ApiBase;
  struct Axis : ApiBase {
    using ApiBase::ApiBase;
    Event<void(double, std::string)> moved{this, "moved", "After each move.", params("to", "unit")};
  };
  Axis x{this, "x"};
  Event<void(Contact)> touched{this, "touched"};
  Event<void()> stopped{this, "stopped"};
  Method<int()> speed{this, "speed"};
  Method<std::string(int, Default<std::string>)> turn{this, "turn", "",
                                                      params("times", param("tool", std::string("drill")))};
  Method<void()> rest{this, "rest"};
  Property<std::string> state{this, "state"};
};

std::string text_of(const HeardEvent& event) {
  return event.name_space + ' ' + to_string(Value(event.arguments)) +
         (event.named.empty() ? "" : to_string(Value(event.named)));
}

class OfEvents : public ::testing::Test {
 protected:
  ~OfEvents() override { ::unlink(file_.c_str()); }

  /// The events that are in the file.
  Lines recorded() const {
    Lines lines;
    RecordingReader reader(file_);
    while (const auto entry = reader.next()) {
      if (entry->kind == RecordedEntry::Kind::event) lines.push_back(text_of(entry->event));
    }
    return lines;
  }
  /// False if the file does not come to hold so many.
  bool await_recorded(std::size_t events) const {
    const auto end = std::chrono::steady_clock::now() + generous;
    while (std::chrono::steady_clock::now() < end) {
      try {
        if (recorded().size() >= events) return true;
      } catch (const tools::UsageError&) {
        // It is not there yet, or has just begun.
      }
      std::this_thread::yield();
    }
    return false;
  }

  const std::string file_ = std::string(std::getenv("TMPDIR")) + "/lathe.recording";
  const std::string url_ = "unix:///tmp/vagus-record-" + std::to_string(::getpid()) + ".socket";
};

class Record : public OfEvents {
 protected:
  Record() {
    body_.emplace(listen(url_), ArbOptions{.name = "shop"});
    lathe_.state.update("idle");
    body_->attach(lathe_);
    body_->start();
  }

  /// Begins to record, and returns when it does.
  PipedCommand& start(std::vector<std::string> words, std::string_view event = "lathe.stopped") {
    words.insert(words.begin(), {"record", url_});
    command_.emplace(std::move(words));
    const auto end = std::chrono::steady_clock::now() + generous;
    while (!body_->has_listener(event) && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_TRUE(body_->has_listener(event));
    return *command_;
  }

  LatheApi lathe_{"lathe"};
  std::optional<ApiArb> body_;
  std::optional<PipedCommand> command_;
};

TEST_F(Record, writes_what_matches_with_its_times_and_ends_after_so_many) {
  PipedCommand& command = start({"lathe.**", "--output", file_, "--count", "4"});
  lathe_.x.moved(1.5, "mm").post();
  lathe_.touched(Contact{3, "drill"}).post();
  body_->proxy("lathe").event("stopped", kw("why", "dull")).post();
  EXPECT_EQ(command.wait(), 0);
  EXPECT_EQ(recorded(), (Lines{"lathe.state.changed [\"idle\"]", "lathe.x.moved [1.5, \"mm\"]",
                               "lathe.touched [[3, \"drill\"]]", "lathe.stopped []{\"why\": \"dull\"}"}));
  EXPECT_TRUE(command.output().line().starts_with("4 events in "));
  EXPECT_EQ(command.errors().rest(), "");
  RecordingReader reader(file_);
  EXPECT_EQ(reader.head().url, url_);
  EXPECT_EQ(reader.head().pattern, "lathe.**");
  EXPECT_EQ(reader.head().described.name, "shop");
  ASSERT_NE(reader.head().described.member("lathe.x.moved"), nullptr);
  EXPECT_EQ(reader.head().described.member("lathe.x.moved")->docs, "After each move.");
  Duration before{};
  while (const auto entry = reader.next()) {
    EXPECT_GE(entry->at, before);
    before = entry->at;
  }
  EXPECT_FALSE(reader.cut_at());
}

TEST_F(Record, ends_at_the_interrupt_key_and_tells_programs_what_it_has_done) {
  PipedCommand& command = start({"lathe.stopped", "-o", file_, "--json"});
  lathe_.stopped().post();
  ASSERT_TRUE(await_recorded(1));
  command.signal(SIGINT);
  EXPECT_EQ(command.wait(), 0);
  const auto told = tools::Json::parse(command.output().rest());
  EXPECT_EQ(told["events"], 1);
  EXPECT_EQ(told["lost"], 0);
  EXPECT_EQ(told["file"], file_);
}

TEST_F(Record, ends_after_a_time) {
  const Outcome outcome = run_command({"record", url_, "lathe.stopped", "-o", file_, "--seconds", "20ms"});
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
  EXPECT_TRUE(outcome.output.starts_with("0 events in ")) << outcome.output;
  EXPECT_EQ(recorded(), Lines{});
}

TEST_F(Record, overwrites_nothing_unless_it_is_told_to) {
  const std::vector<std::string> words{"record", url_, "lathe.stopped", "-o", file_, "-s", "1ms"};
  EXPECT_EQ(run_command(words).code, 0);
  const Outcome refused = run_command(words);
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.errors, "vagus: " + file_ + " is there already; --force overwrites it\n");
  auto forced = words;
  forced.push_back("--force");
  EXPECT_EQ(run_command(forced).code, 0);
  EXPECT_EQ(run_command({"record", url_, "-o", "/nowhere/file", "-s", "1ms"}).code, 2);
  EXPECT_EQ(run_command({"record", url_, "lathe.**"}).code, 2);
}

TEST_F(Record, leaves_the_file_as_it_was_if_it_cannot_begin) {
  const auto through = [&](const std::string& url) {
    return std::vector<std::string>{"record", url_, "-o", file_, "--through", url};
  };
  EXPECT_EQ(run_command(through("nonsense")).code, 2);
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_EQ(run_command(through("unix:///nowhere/between.socket")).code, 3);
  EXPECT_FALSE(std::filesystem::exists(file_));
  std::ofstream(file_) << "something of value";
  auto forced = through("nonsense");
  forced.push_back("--force");
  EXPECT_EQ(run_command(forced).code, 2);
  EXPECT_EQ(std::filesystem::file_size(file_), 18u);
}

TEST_F(Record, leaves_nothing_of_what_it_overwrites) {
  std::ofstream(file_) << std::string(100'000, 'x');
  EXPECT_EQ(run_command({"record", url_, "lathe.stopped", "-o", file_, "-s", "1ms", "--force"}).code, 0);
  EXPECT_LT(std::filesystem::file_size(file_), 100'000u);
  EXPECT_EQ(recorded(), Lines{});
}

TEST_F(Record, leaves_whole_events_when_it_is_killed) {
  PipedCommand& command = start({"lathe.stopped", "-o", file_});
  for (int number = 0; number < 10; ++number) lathe_.stopped().post();
  ASSERT_TRUE(await_recorded(10));
  command.signal(SIGKILL);
  EXPECT_EQ(command.wait(), -SIGKILL);
  EXPECT_EQ(recorded().size(), 10u);
}

TEST_F(Record, goes_into_a_pipe) {
  PipedCommand& command = start({"lathe.stopped", "-o", "-", "-n", "2"});
  lathe_.stopped().post();
  lathe_.stopped().post();
  EXPECT_EQ(command.wait(), 0);
  EXPECT_TRUE(command.errors().rest().starts_with("2 events in "));
  const std::string bytes = command.output().rest();
  {
    std::FILE* const file = std::fopen(file_.c_str(), "w");
    ASSERT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), file), bytes.size());
    std::fclose(file);
  }
  EXPECT_EQ(recorded(), (Lines{"lathe.stopped []", "lathe.stopped []"}));
}

TEST_F(Record, finishes_the_file_when_the_link_is_lost) {
  PipedCommand& command = start({"lathe.stopped", "-o", file_});
  lathe_.stopped().post();
  ASSERT_TRUE(await_recorded(1));
  body_.reset();
  EXPECT_EQ(command.wait(), 3);
  EXPECT_TRUE(command.errors().rest().starts_with("vagus: the link to shop was lost"));
  EXPECT_TRUE(command.output().rest().starts_with("1 event in "));
  EXPECT_NE(run_command({"replay", file_, "--list"}).output.find(" s  end\n"), std::string::npos);
}

/// A lathe that does something, recorded by who stands between it and a head.
class RecordThrough : public Record {
 protected:
  RecordThrough() {
    lathe_.speed.handle([] { return 40; });
    lathe_.turn.handle([](int times, const std::string& tool) {
      if (times < 0) throw std::invalid_argument("it turns one way only");
      return tool + std::to_string(times);
    });
    lathe_.state.on_set([](const std::string&) {});
    lathe_.rest.handle([this](Call& call) {
      resting_.raise();
      if (call.id()) call.sleep_for(1h);  // somebody waits
    });
    start({"--output", file_, "--through", between_});
    called_.emplace("lathe");
    head_.attach(*called_);
  }
  /// Ends it as a user does, so that it removes its socket.
  ~RecordThrough() override {
    command_->signal(SIGTERM);
    command_->wait();
  }

  const std::string between_ = url_ + ".between";
  Flag resting_;
  std::optional<LatheApi> called_;
  ApiArb head_{connect(between_)};
};

TEST_F(RecordThrough, passes_on_what_heads_call_and_what_they_are_told) {
  Notes heard;
  const auto moved = called_->x.moved.subscribe(
      [&](double to, const std::string& unit) { heard.add("moved " + std::to_string(to) + unit); });
  const auto seen = called_->state.observe([&](const std::string& state) { heard.add("state " + state); });
  head_.start();
  EXPECT_TRUE(heard.await_line("state idle"));
  EXPECT_EQ(called_->speed().call(), 40);
  EXPECT_EQ(called_->turn(3).call(), "drill3");
  EXPECT_EQ(called_->state.set("moving").call(), "moving");
  EXPECT_TRUE(heard.await_line("state moving"));
  EXPECT_THROW(called_->turn(-1, "saw").call(), std::invalid_argument);
  EXPECT_THROW(called_->rest().call({.timeout = 50ms}), TransactionTimeout);
  lathe_.x.moved(1.5, "mm").post();
  EXPECT_TRUE(heard.await_line("moved 1.500000mm"));
  command_->signal(SIGINT);
  EXPECT_EQ(command_->wait(), 0);
  const std::string shown = run_command({"replay", file_, "--list"}).output;
  for (const char* const line :
       {"lathe.speed -> 40 ", "lathe.turn 3 -> \"drill3\" ", "lathe.state.set \"moving\" -> \"moving\" ",
        "lathe.turn -1, \"saw\" failed: it turns one way only ", "lathe.x.moved 1.5, \"mm\"\n"}) {
    EXPECT_NE(shown.find(line), std::string::npos) << line << "in\n" << shown;
  }
}

TEST_F(RecordThrough, passes_on_what_heads_post) {
  Notes heard;
  const auto told = body_->subscribe("panel.*", [&](const HeardEvent& event) { heard.add(text_of(event)); });
  head_.wait_open(generous);
  called_->rest().post();
  EXPECT_TRUE(resting_.await());
  const auto end = std::chrono::steady_clock::now() + generous;
  while (!heard.contains("panel.closed") && std::chrono::steady_clock::now() < end) {
    head_.proxy("panel").event("closed", 3).post();  // until the body has said what it listens to
    std::this_thread::yield();
  }
  EXPECT_TRUE(heard.contains("panel.closed [3]"));
  body_.reset();
  EXPECT_EQ(command_->wait(), 3);
}

TEST_F(RecordThrough, takes_no_pattern) {
  const Outcome outcome = run_command({"record", url_, "lathe.**", "-o", file_, "--through", between_});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.errors, "vagus: with --through all is recorded: leave out lathe.**\n");
}

class Replayed : public OfEvents {
 protected:
  /// Writes the file: events of a lathe 20 ms apart, and an end that comes much later.
  void record(Duration end = std::chrono::hours(1)) const {
    const LatheApi lathe("lathe");
    RecordingWriter writer(file_, true);
    writer.begin({"unix:///lathe", "lathe.**", 17, described()});
    writer.event(10ms, {"lathe.state.changed", {"moving"}, {}});
    writer.event(20ms, {"lathe.x.moved", {1.5, "mm"}, {}});
    writer.event(40ms, {"lathe.touched", {Value::Array{3, "drill"}}, {}});
    writer.event(60ms, {"lathe.made_up", {nullptr}, {{"why", "dull"}}});
    writer.event(80ms, {"lathe.stopped", {}, {}});
    writer.end(end);
  }
  static Description described() {
    LatheApi lathe("lathe");
    ApiArb arb(listen("inproc://lathe"), {.name = "shop"});
    arb.attach(lathe);
    return arb.describe("**");
  }
  static Lines all() {
    return {"lathe.state.changed [\"moving\"]", "lathe.x.moved [1.5, \"mm\"]",
            "lathe.touched [[3, \"drill\"]]", "lathe.made_up [null]{\"why\": \"dull\"}", "lathe.stopped []"};
  }

  PipedCommand& start(std::vector<std::string> words = {}) {
    words.insert(words.begin(), {"replay", file_, url_});
    command_.emplace(std::move(words));
    return *command_;
  }

  Notes heard_;
  std::optional<PipedCommand> command_;
};

TEST_F(Replayed, events_come_in_order_and_not_before_their_times_to_who_listens) {
  record(100ms);
  PipedCommand& command = start({"--json"});
  const TimePoint began = Deadline::now();
  ApiArb head(connect(url_));
  const auto listening =
      head.subscribe("lathe.**", [&](const HeardEvent& event) { heard_.add(text_of(event)); });
  head.start();
  ASSERT_TRUE(heard_.await(5));
  EXPECT_GE(Deadline::now() - began, 80ms);
  EXPECT_EQ(heard_.lines(), all());
  EXPECT_EQ(command.wait(), 0);
  const auto told = tools::Json::parse(command.output().rest());
  EXPECT_EQ(told["events"], 5);
  EXPECT_EQ(told["unheard"], 0);
  EXPECT_EQ(told["failed"], 0);
  EXPECT_TRUE(command.errors().rest().starts_with("vagus: 5 events, 100 ms; begins when somebody listens"));
}

TEST_F(Replayed, events_reach_heads_that_know_the_contract) {
  record();
  PipedCommand& command = start({"--speed", "10"});
  LatheApi lathe("lathe");
  ApiArb head(connect(url_));
  head.attach(lathe);
  const auto moved = lathe.x.moved.subscribe(
      [&](double to, const std::string& unit) { heard_.add("moved " + std::to_string(to) + unit); });
  const auto touched = lathe.touched.subscribe(
      [&](const Contact& contact) { heard_.add("touched " + std::to_string(contact.x) + contact.tool); });
  head.start();
  EXPECT_TRUE(heard_.await_line("moved 1.500000mm"));
  EXPECT_TRUE(heard_.await_line("touched 3drill"));
  try {
    lathe.speed().call({.timeout = generous});
    ADD_FAILURE() << "it was answered";
  } catch (const RemoteError& error) {
    EXPECT_NE(std::string(error.what()).find("this is a replay"), std::string::npos) << error.what();
  }
  command.signal(SIGTERM);
  EXPECT_EQ(command.wait(), 0);
}

TEST_F(Replayed, properties_are_seen_by_who_comes_late) {
  record();
  PipedCommand& command = start({"--at-once", "--speed", "1000"});
  // When all of it was sent, the property has its value; nobody has heard the others.
  const auto value = [&] { return run_command({"call", url_, "lathe.state.get"}).output; };
  const auto end = std::chrono::steady_clock::now() + generous;
  while (value() != "\"moving\"\n" && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(value(), "\"moving\"\n");
  LatheApi lathe("lathe");
  ApiArb head(connect(url_));
  head.attach(lathe);
  const auto seen = lathe.state.observe([&](const std::string& state) { heard_.add(state); });
  head.start();
  EXPECT_TRUE(heard_.await_line("moving"));
  command.signal(SIGINT);
  EXPECT_EQ(command.wait(), 0);
}

TEST_F(Replayed, what_was_recorded_is_described) {
  record();
  PipedCommand& command = start();
  ASSERT_TRUE(command.errors().line().starts_with("vagus: 5 events"));
  const std::string tree = run_command({"tree", url_}).output;
  EXPECT_TRUE(tree.starts_with("shop, process ")) << tree;
  EXPECT_NE(tree.find("moved(to: any, unit: any)  event\n"), std::string::npos) << tree;
  const std::string told = run_command({"describe", url_, "lathe.x.moved"}).output;
  EXPECT_NE(told.find("After each move. Recorded as moved(to: double, unit: string)."), std::string::npos)
      << told;
  command.signal(SIGINT);
  EXPECT_EQ(command.wait(), 0);
  EXPECT_TRUE(command.output().rest().starts_with("0 events in "));
}

TEST_F(Replayed, calls_are_answered_as_they_were) {
  {
    RecordingWriter writer(file_, true);
    writer.begin({"unix:///lathe", "**", 17, described()});
    writer.answer(1ms, {"lathe.speed", {}, {}}, 1us, 40);
    writer.answer(2ms, {"lathe.speed", {}, {}}, 1us, 50);
    writer.answer(3ms, {"lathe.turn", {3}, {}}, 1us, "drill3");
    writer.failure(4ms, {"lathe.turn", {-1}, {}}, 1us, {"std::invalid_argument", "one way only", {}});
    writer.failure(5ms, {"lathe.rest", {}, {}}, 1us, {"vagus::TransactionTimeout", "no answer", {}});
    writer.end(1h);
  }
  PipedCommand& command = start();
  LatheApi lathe("lathe");
  ApiArb head(connect(url_));
  head.attach(lathe);
  EXPECT_EQ(lathe.speed().call({.timeout = generous}), 40);
  EXPECT_EQ(lathe.speed().call(), 50);
  EXPECT_EQ(lathe.speed().call(), 50);
  EXPECT_EQ(lathe.turn(3).call(), "drill3");
  EXPECT_THROW(lathe.turn(-1).call(), std::invalid_argument);
  EXPECT_THROW(lathe.rest().call({.timeout = 20ms}), TransactionTimeout);
  const auto refused = [](const auto& action) {
    const auto outcome = action.try_call();
    return outcome ? std::string("nothing") : std::string(outcome.error().what());
  };
  EXPECT_EQ(refused(lathe.turn(4)),
            "lathe.turn is not answered: this is a replay, and such a call, with these arguments, was not "
            "recorded");
  EXPECT_EQ(refused(lathe.state.get()),
            "lathe.state.get is not answered: this is a replay, and no call of it was recorded");
  command.signal(SIGINT);
  EXPECT_EQ(command.wait(), 0);
  EXPECT_TRUE(command.output().rest().starts_with("0 events in "));
}

TEST_F(Replayed, events_are_counted_that_nobody_hears) {
  record(90ms);
  const Outcome outcome = run_command({"replay", file_, url_, "--at-once", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
  const auto told = tools::Json::parse(outcome.output);
  EXPECT_EQ(told["events"], 5);
  EXPECT_EQ(told["unheard"], 4);  // a property has a value whether it is seen or not
  EXPECT_GE(told["seconds"], 0.09);
}

TEST_F(Replayed, events_come_again_and_again_until_somebody_ends_it) {
  record(81ms);
  PipedCommand& command = start({"--loop", "--speed", "5"});
  ApiArb head(connect(url_));
  const auto listening =
      head.subscribe("lathe.stopped", [&](const HeardEvent& event) { heard_.add(text_of(event)); });
  head.start();
  EXPECT_TRUE(heard_.await(3));
  command.signal(SIGINT);
  EXPECT_EQ(command.wait(), 0);
}

TEST_F(Replayed, what_is_cut_is_replayed_up_to_there) {
  record();
  ASSERT_EQ(::truncate(file_.c_str(), static_cast<off_t>(std::filesystem::file_size(file_) - 12)), 0);
  const Outcome outcome = run_command({"replay", file_, url_, "--at-once", "--json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(tools::Json::parse(outcome.output)["events"], 4);
  EXPECT_NE(outcome.errors.find(" ends in the midst of an event, at byte "), std::string::npos)
      << outcome.errors;
}

TEST_F(Replayed, nothing_is_sent_if_something_is_wrong) {
  record();
  EXPECT_EQ(run_command({"replay", file_}).code, 2);
  EXPECT_EQ(run_command({"replay", "-", url_}).code, 2);
  EXPECT_EQ(run_command({"replay", file_ + ".none", url_}).code, 2);
  EXPECT_EQ(run_command({"replay", file_, url_, "--speed", "0"}).code, 2);
  EXPECT_EQ(run_command({"replay", file_, "nonsense"}).code, 2);
  RecordingWriter(file_, true).begin({});
  const Outcome empty = run_command({"replay", file_, url_});
  EXPECT_EQ(empty.code, 2);
  EXPECT_EQ(empty.errors, "vagus: " + file_ + " has no event in it\n");
}

}  // namespace
}  // namespace vagus::testing
