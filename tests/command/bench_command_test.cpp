// `vagus bench`, beside a body.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "json.hpp"
#include "piped_command.hpp"
#include "run_command.hpp"
#include "support/core/flag.hpp"
#include "support/core/sanitizers.hpp"
#include "terminal.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

struct DrillApi : ApiBase {
  explicit DrillApi(std::string_view name) : ApiBase(name, {.workers = 8}) {}
  Method<int(int, Default<int>)> bore{this, "bore", "", params("depth", param("times", 1))};
  Method<void()> hang{this, "hang"};
  Method<void()> idle{this, "idle"};  // not handled
  Event<void()> stopped{this, "stopped"};
};

class BenchCommand : public ::testing::Test {
 protected:
  BenchCommand() {
    drill_.bore.handle([this](Call& call, int depth, int) {
      ran_.add();
      if (const auto also = on_bore()) also(call);
      return depth;
    });
    drill_.hang.handle([this](Call& call) {
      ran_.add();
      call.sleep_for(1h);
    });
    body_.attach(drill_);
    body_.start();
  }

  Outcome bench(std::vector<std::string> words) const {
    words.insert(words.begin(), {"bench", url_});
    return run_command(words);
  }
  /// What it says to programs; `words` are those behind the method and its argument.
  tools::Json measured(std::vector<std::string> words) const {
    words.insert(words.begin(), {"drill.bore", "3", "--json"});
    return tools::Json::parse(bench(words).output);
  }

  /// Whatever else is to happen in that handler; before there is a call.
  void set_on_bore(std::function<void(Call&)> also) {
    const std::lock_guard lock(mutex_);
    on_bore_ = std::move(also);
  }
  std::function<void(Call&)> on_bore() const {
    const std::lock_guard lock(mutex_);
    return on_bore_;
  }

  const std::string url_ = "unix:///tmp/vagus-bench-" + std::to_string(::getpid()) + ".socket";
  Tally ran_;
  mutable std::mutex mutex_;  // another process makes the calls, so nothing else tells what came first
  std::function<void(Call&)> on_bore_;
  DrillApi drill_{"drill"};
  ApiArb body_{listen(url_), {.name = "shop"}};
};

TEST_F(BenchCommand, makes_so_many_calls_behind_a_first_one_and_says_how_long_they_took) {
  const auto told = measured({"times=2", "--count", "50"});
  EXPECT_EQ(ran_.count(), 51u);
  EXPECT_EQ(told["method"], "drill.bore");
  EXPECT_EQ(told["calls"], 50);
  EXPECT_EQ(told["failed"], 0);
  EXPECT_GT(told["calls_per_second"], 0.0);
  EXPECT_GT(told["p50_us"], 0.0);
  EXPECT_LE(told["p50_us"], told["p99_us"]);
  EXPECT_LE(told["p99_us"], told["p99_9_us"]);
  EXPECT_LE(told["p99_9_us"], told["max_us"]);
}

TEST_F(BenchCommand, calls_for_a_time) {
  const auto told = measured({"--seconds", "50ms"});
  EXPECT_GE(told["seconds"], 0.05);
  EXPECT_GT(told["calls"], 0);
  EXPECT_GT(ran_.count(), told["calls"].get<std::size_t>());  // the warm-up is not counted
}

TEST_F(BenchCommand, is_told_to_people_in_lines_that_fit) {
  TerminalSession session({"bench", url_, "drill.bore", "3", "--count", "20", "--in-flight", "4"});
  EXPECT_EQ(session.finish(), 0);
  const auto lines = plain_lines(session.shown());
  ASSERT_EQ(lines.size(), 4u) << session.shown();
  EXPECT_TRUE(lines[0].starts_with("shop, drill.bore, ")) << lines[0];
  EXPECT_TRUE(lines[0].ends_with(", 1 caller, 4 calls of each in flight")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("calls   20, ")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("times   p50 ")) << lines[2];
  EXPECT_EQ(lines[3], "failed  0");
  for (const std::string& line : lines) EXPECT_LE(tools::columns(line), 80u) << line;
}

TEST_F(BenchCommand, calls_nothing_if_something_is_wrong) {
  const Outcome unknown = bench({"drill.bor", "3"});
  EXPECT_EQ(unknown.code, 5);
  EXPECT_EQ(unknown.errors, "vagus: shop has no method bor in drill; did you mean drill.bore?\n");
  const Outcome wrong = bench({"drill.bore", "deep"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.errors.find("depth is deep, expected a int"), std::string::npos) << wrong.errors;
  EXPECT_EQ(bench({"drill.bore"}).code, 2);
  EXPECT_EQ(bench({"drill.stopped"}).code, 2);
  EXPECT_EQ(bench({"drill.bore", "3", "--callers", "0"}).code, 2);
  EXPECT_EQ(bench({"drill.bore", "3", "--rate", "0"}).code, 2);
  EXPECT_EQ(ran_.count(), 0u);
  const Outcome idle = bench({"drill.idle"});
  EXPECT_EQ(idle.code, 5);
  EXPECT_EQ(idle.output, "");
  EXPECT_EQ(run_command({"bench", "unix:///tmp/nobody.socket", "drill.bore", "3", "-t", "50ms"}).code, 3);
}

TEST_F(BenchCommand, counts_what_fails_by_its_kind) {
  set_on_bore([this](Call&) {
    if (ran_.count() % 2 == 0) throw std::runtime_error("the drill is blunt");
  });
  const Outcome outcome = bench({"drill.bore", "3", "--count", "10", "--json"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.errors, "vagus: the first that failed: the drill is blunt\n");
  const auto told = tools::Json::parse(outcome.output);
  EXPECT_EQ(told["calls"], 10);
  EXPECT_EQ(told["failed"], 5);
  EXPECT_EQ(told["errors"], tools::Json::parse(R"({"RemoteError":5})"));
  EXPECT_NE(bench({"drill.bore", "3", "--count", "10"}).output.find("\nfailed  5 RemoteError\n"),
            std::string::npos);
}

TEST_F(BenchCommand, counts_calls_that_take_too_long) {
  const Outcome outcome = bench({"drill.hang", "--count", "1", "--timeout", "2s", "--json"});
  EXPECT_EQ(outcome.code, 1);
  const auto told = tools::Json::parse(outcome.output);
  EXPECT_EQ(told["errors"], tools::Json::parse(R"({"TransactionTimeout":1})"));
  EXPECT_GE(told["p50_us"], 2e6);
}

TEST_F(BenchCommand, calls_by_several_callers_with_several_calls_each) {
  // Behind the first call, which comes alone, none ends before six are there.
  set_on_bore([this](Call&) {
    if (ran_.count() > 1) {
      EXPECT_TRUE(ran_.await(1 + 6));
    }
  });
  const auto told = measured({"--count", "12", "--callers", "2", "--in-flight", "3"});
  EXPECT_EQ(told["calls"], 12);
  EXPECT_EQ(told["failed"], 0);
  EXPECT_EQ(ran_.count(), 13u);
}

TEST_F(BenchCommand, times_calls_from_when_they_were_due) {
  set_on_bore([this](Call& call) {
    if (ran_.count() == 2) call.sleep_for(300ms);
  });
  // All of them are due before the first has its answer.
  const auto told = measured({"--count", "100", "--rate", "1000"});
  EXPECT_EQ(told["calls"], 100);
  EXPECT_GE(told["p50_us"], 150'000.0);
  const auto even = measured({"--count", "20", "--rate", "200"});
  EXPECT_GE(even["seconds"], 0.095);
}

TEST_F(BenchCommand, ends_in_time_though_the_next_call_is_due_later) {
  const auto told = measured({"--seconds", "200ms", "--rate", "0.05"});
  EXPECT_LE(told["calls"], 1);
  EXPECT_GE(told["seconds"], 0.2);
  EXPECT_LT(told["seconds"], 20.0);  // when the second one would be due
}

TEST_F(BenchCommand, says_that_there_are_not_enough_threads) {
  if (sanitized) GTEST_SKIP() << "a sanitizer needs more memory than this test leaves";
  // Memory for some sixty stacks.
  const Outcome outcome =
      run_script("ulimit -S -s 65536 && ulimit -v 4194304 || exit 77; exec \"$0\" \"$@\"",
                 {"bench", url_, "drill.bore", "3", "--seconds", "1", "--callers", "100"});
  if (outcome.code == 77) GTEST_SKIP() << "limits cannot be set here: " << outcome.errors;
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.output, "");
  EXPECT_NE(outcome.errors.find(" of 100 callers can be started: "), std::string::npos) << outcome.errors;
}

TEST_F(BenchCommand, ends_at_ctrl_c_and_prints_what_was_measured) {
  TerminalSession session({"bench", url_, "drill.bore", "3", "--count", "1000000000"});
  EXPECT_TRUE(ran_.await(20));
  session.type("\x03");
  EXPECT_EQ(session.finish(), 0);
  const auto lines = plain_lines(session.shown());
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("times   p50 ");
  })) << session.shown();
}

TEST_F(BenchCommand, gives_up_at_the_end_what_has_no_answer) {
  PipedCommand command({"bench", url_, "drill.hang", "--timeout", "10min"});
  EXPECT_TRUE(ran_.await(1));
  command.signal(SIGINT);
  EXPECT_EQ(command.wait(), 0);
  EXPECT_NE(command.output().rest().find("\ncalls   0, 0/s\n"), std::string::npos);
}

TEST_F(BenchCommand, prints_what_was_measured_when_the_link_is_lost) {
  PipedCommand command({"bench", url_, "drill.bore", "3", "--count", "1000000000", "--json"});
  EXPECT_TRUE(ran_.await(20));
  body_.stop();
  EXPECT_EQ(command.wait(), 3);
  const auto told = tools::Json::parse(command.output().rest());
  EXPECT_GE(told["calls"], 18);
  const std::string errors = command.errors().rest();
  EXPECT_NE(errors.find("vagus: the link to shop was lost"), std::string::npos) << errors;
}

}  // namespace
}  // namespace vagus::testing
