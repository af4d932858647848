// `vagus stats` and `vagus top`, beside a body.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "json.hpp"
#include "run_command.hpp"
#include "terminal.hpp"

namespace vagus::testing {
namespace {

struct PressApi : ApiBase {
  using ApiBase::ApiBase;
  Method<int(int)> stamp{this, "stamp"};
  Method<int(int)> stamp_with_a_name_that_is_so_long_that_no_terminal_has_room_for_it{
      this, "stamp_with_a_name_that_is_so_long_that_no_terminal_has_room_for_it"};
};

class StatsCommand : public ::testing::Test {
 protected:
  StatsCommand() {
    const auto stamp = [](int number) {
      if (number < 0) throw std::runtime_error("nothing to stamp");
      return number;
    };
    press_.stamp.handle(stamp);
    press_.stamp_with_a_name_that_is_so_long_that_no_terminal_has_room_for_it.handle(stamp);
    body.attach(press_);
    body.start();
  }

  Outcome run(const std::string& command, const std::vector<std::string>& further = {}) const {
    std::vector<std::string> words{command, url};
    words.insert(words.end(), further.begin(), further.end());
    return run_command(words);
  }

  /// Returns when so many have been counted: that comes after their answers.
  void await_stamped(std::uint64_t count) const {
    const auto counted = [&] {
      for (const MethodStats& method : body.method_stats()) {
        if (method.name_space == "press.stamp") return method.ran.count();
      }
      return std::uint64_t{0};
    };
    while (counted() < count) std::this_thread::yield();
  }

  const std::string url = "unix:///tmp/vagus-stats-" + std::to_string(::getpid()) + ".socket";
  ApiArb body{listen(url), {.name = "shop"}};

 private:
  PressApi press_{"press"};
};

/// Calls both methods again and again, one of them in vain.
class Caller {
 public:
  explicit Caller(const std::string& url) : head_(connect(url), {.name = "caller"}) {
    head_.attach(press_);
    head_.wait_open(std::chrono::seconds(60));
    thread_ = std::thread([this] {
      while (!stopped_) {
        static_cast<void>(press_.stamp(-1).try_call());
        static_cast<void>(
            press_.stamp_with_a_name_that_is_so_long_that_no_terminal_has_room_for_it(1).try_call());
      }
    });
  }
  ~Caller() {
    stopped_ = true;
    thread_.join();
  }

 private:
  PressApi press_{"press"};
  ApiArb head_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

TEST_F(StatsCommand, tells_what_the_body_has_done) {
  const Outcome told = run("stats");
  EXPECT_EQ(told.code, 0) << told.errors;
  EXPECT_TRUE(told.output.starts_with("shop, process " + std::to_string(::getpid()) + ", up "))
      << told.output;
  EXPECT_NE(told.output.find("\nrequests  1 received, 0 waiting\n"), std::string::npos) << told.output;
  EXPECT_NE(told.output.find("\nlinks     1 open, 1 opened\n"), std::string::npos) << told.output;
  EXPECT_NE(told.output.find("\nAPI    WORKERS  WAITING\npress        1        0\n"), std::string::npos)
      << told.output;
  EXPECT_NE(told.output.find("\nvagus  "), std::string::npos) << told.output;
  EXPECT_NE(told.output.find("measured"), std::string::npos) << told.output;
  EXPECT_EQ(told.output.find('\033'), std::string::npos);
}

TEST_F(StatsCommand, tells_how_long_methods_take) {
  body.measure(true);
  EXPECT_EQ(run("call", {"press.stamp", "3"}).output, "3\n");
  EXPECT_EQ(run("call", {"press.stamp", "-3"}).code, 1);
  await_stamped(2);
  const Outcome told = run("stats", {"press.*"});
  EXPECT_NE(told.output.find("\npress.stamp  handled      2       1  "), std::string::npos) << told.output;
  EXPECT_EQ(told.output.find("$describe"), std::string::npos) << told.output;
  EXPECT_EQ(told.output.find("not measured"), std::string::npos) << told.output;
}

TEST_F(StatsCommand, tells_it_to_programs) {
  body.measure(true);
  EXPECT_EQ(run("call", {"press.stamp", "3"}).output, "3\n");
  await_stamped(1);
  const Outcome outcome = run("stats", {"--json", "press.*"});
  const auto told = tools::Json::parse(outcome.output);
  EXPECT_EQ(told["name"], "shop");
  EXPECT_EQ(told["process_id"], ::getpid());
  EXPECT_GE(told["totals"]["links"], 1);  // those of commands that have just ended may still be there
  EXPECT_GE(told["totals"]["requests_received"], 2);
  EXPECT_EQ(told["apis"][0]["name"], "press");
  EXPECT_GE(told["peers"].size(), 1u);
  EXPECT_EQ(told["measuring"], true);
  ASSERT_EQ(told["methods"].size(), 1u) << outcome.output;
  EXPECT_EQ(told["methods"][0]["name"], "press.stamp");
  EXPECT_EQ(told["methods"][0]["ran"]["count"], 1);
  EXPECT_GT(told["methods"][0]["ran"]["p99_us"], 0.0);
}

TEST_F(StatsCommand, says_what_is_wrong) {
  EXPECT_EQ(run("stats", {"a..b"}).code, 2);
  EXPECT_EQ(run("top", {"--interval", "soon"}).code, 2);
  EXPECT_EQ(run_command({"top", "unix:///tmp/nobody.socket", "-t", "50ms"}).code, 3);
}

TEST_F(StatsCommand, shows_so_many_tables_without_a_terminal) {
  const Outcome shown = run("top", {"--count", "2", "--interval", "20ms"});
  EXPECT_EQ(shown.code, 0) << shown.errors;
  std::size_t tables = 0;
  for (std::size_t at = 0; (at = shown.output.find("shop, process ", at)) != std::string::npos; ++at)
    ++tables;
  EXPECT_EQ(tables, 2u) << shown.output;
  EXPECT_EQ(shown.output.find('\033'), std::string::npos);
  const Outcome json = run("top", {"--count", "1", "--interval", "20ms", "--json"});
  EXPECT_EQ(tools::Json::parse(json.output)["measuring"], true) << json.output;
}

TEST_F(StatsCommand, shows_rates_and_latencies_of_methods_live) {
  const Caller caller(url);
  TerminalSession session({"top", url, "--interval", "100ms"});
  EXPECT_TRUE(session.await("press.stamp  ")) << session.shown();
  EXPECT_TRUE(session.await("caller  ")) << session.shown();
  session.type("q");
  EXPECT_EQ(session.finish(), 0);
  EXPECT_TRUE(session.shown().starts_with("\033[?1049h\033[?25l"));
  EXPECT_TRUE(session.shown().ends_with("\033[?25h\033[?1049l"));
  for (const std::string& line : plain_lines(session.shown())) EXPECT_LE(tools::columns(line), 80u) << line;
}

TEST_F(StatsCommand, fits_a_small_terminal) {
  const Caller caller(url);
  TerminalSession session({"top", url, "--interval", "20ms"}, 40, 8);
  for (int frame = 0; frame < 4; ++frame) EXPECT_TRUE(session.await("\033[H"));
  session.type("q");
  EXPECT_EQ(session.finish(), 0);
  const std::string& shown = session.shown();
  for (const std::string& line : plain_lines(shown)) EXPECT_LE(tools::columns(line), 40u) << line;
  for (std::size_t at = shown.find("\033[H"); at != std::string::npos;) {
    const std::size_t next = shown.find("\033[H", at + 1);
    const std::string frame = shown.substr(at, next - at);
    EXPECT_LT(std::count(frame.begin(), frame.end(), '\n'), 8) << frame;
    at = next;
  }
  // Behind a line that fills the width, a terminal would clear its last character.
  for (const char* const clear : {"\033[K", "\033[J"}) {
    EXPECT_NE(shown.find(clear), std::string::npos);
    for (std::size_t at = 0; (at = shown.find(clear, at)) != std::string::npos; ++at) {
      const std::string before = shown.substr(0, at);
      EXPECT_TRUE(before.ends_with('\n') || before.ends_with("\033[H")) << before;
    }
  }
}

TEST_F(StatsCommand, ends_live_by_ctrl_c_and_by_signals) {
  TerminalSession by_key({"top", url});
  EXPECT_TRUE(by_key.await("shop, process "));
  by_key.type("\x03");
  EXPECT_EQ(by_key.finish(), 0);
  TerminalSession by_signal({"top", url});
  EXPECT_TRUE(by_signal.await("shop, process "));
  by_signal.signal(SIGTERM);
  EXPECT_EQ(by_signal.finish(), 0);
  EXPECT_TRUE(by_signal.shown().ends_with("\033[?25h\033[?1049l"));
}

TEST_F(StatsCommand, leaves_the_screen_and_says_so_when_the_link_is_lost) {
  TerminalSession session({"top", url});
  EXPECT_TRUE(session.await("shop, process "));
  body.stop();
  EXPECT_EQ(session.finish(), 3);
  EXPECT_TRUE(session.await("\033[?1049l")) << session.shown();
  EXPECT_TRUE(session.await("vagus: ")) << session.shown();
}

TEST_F(StatsCommand, shows_latencies_only_to_who_may_have_them_measured) {
  const std::string guarded_url = url + ".guarded";
  const Permissions permissions{{.call = {"press.**"}}};
  ApiArb guarded(listen(guarded_url), {.name = "guarded", .permissions = permissions});
  guarded.start();
  const Outcome shown = run_command({"top", guarded_url, "--count", "1", "--interval", "20ms"});
  EXPECT_EQ(shown.code, 0) << shown.errors;
  EXPECT_NE(shown.output.find("latencies are not measured: that takes the right to describe **"),
            std::string::npos)
      << shown.output;
  EXPECT_EQ(shown.output.find("PEER"), std::string::npos) << shown.output;
}

}  // namespace
}  // namespace vagus::testing
