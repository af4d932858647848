// The program itself, beside a body.

#include <unistd.h>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "run_command.hpp"

namespace vagus::testing {

struct ToolPosition {
  double x_mm = 0.0;
  std::string unit;
};
VAGUS_FIELDS(ToolPosition, x_mm, unit)

namespace {

struct MillApi : ApiBase {
  using ApiBase::ApiBase;
  Method<double(double, Default<double>)> move_to{this, "move_to", "Moves it.",
                                                  params("target_mm", param("speed_mm_s", 10.0))};
  Method<ToolPosition()> position{this, "position"};
  Method<std::string(std::string)> mark{this, "mark"};
  Method<std::vector<int>(std::vector<int>)> drill{this, "drill"};
  Method<void()> fail{this, "fail"};
  Method<void()> idle{this, "idle"};
  Method<Streams<std::string, int>()> report{this, "report"};
  Method<void()> hang{this, "hang"};
  Event<void(double)> moved{this, "moved"};
};

class Command : public ::testing::Test {
 protected:
  Command() {
    mill_.move_to.handle([](double target, double speed) { return target + speed; });
    mill_.position.handle([] { return ToolPosition{1.5, "mm"}; });
    mill_.mark.handle([](const std::string& text) { return text; });
    mill_.drill.handle([](const std::vector<int>& holes) { return holes; });
    mill_.fail.handle([] { throw std::runtime_error("the motor is stuck"); });
    mill_.report.handle([](Call& call) {
      call.progress(std::string("one"));
      call.progress(std::string("two"));
      return 2;
    });
    mill_.hang.handle([](Call& call) { call.sleep_for(std::chrono::hours(1)); });
    body_.attach(mill_);
    body_.start();
  }

  Outcome run(std::vector<std::string> words) const {
    words.insert(words.begin() + 1, url_);
    return run_plain(words);
  }

  static Outcome run_plain(const std::vector<std::string>& words) { return run_command(words); }

  const std::string url_ = "unix:///tmp/vagus-command-" + std::to_string(::getpid()) + ".socket";

 private:
  MillApi mill_{"mill"};
  ApiArb body_{listen(url_), {.name = "shop"}};
};

TEST_F(Command, calls_a_method_and_prints_its_result) {
  EXPECT_EQ(run({"call", "mill.move_to", "120", "speed_mm_s=5"}).output, "125.0\n");
  EXPECT_EQ(run({"call", "mill.move_to", "-1"}).output, "9.0\n");
  EXPECT_EQ(run({"call", "mill.position", "--json"}).output, "{\"x_mm\":1.5,\"unit\":\"mm\"}\n");
  EXPECT_EQ(run({"call", "mill.report"}).output, "\"one\"\n\"two\"\n2\n");
}

TEST_F(Command, takes_a_list_for_one_argument) {
  EXPECT_EQ(run({"call", "mill.drill", "[1, 2]"}).output, "[1,2]\n");
  EXPECT_EQ(run({"call", "mill.drill", "[]"}).output, "[]\n");
  EXPECT_EQ(run({"call", "mill.move_to", "[1]"}).code, 2);
  EXPECT_EQ(run({"bench", "mill.drill", "[1, 2]", "-n", "1"}).code, 0);
}

TEST_F(Command, takes_text_as_it_was_typed) {
  for (const char* const text : {"-5", "-1abc", "-.x", " -5", " two", "[a, b"}) {
    EXPECT_EQ(run({"call", "mill.mark", text}).output, '"' + std::string(text) + "\"\n");
  }
  const Outcome wrong = run({"tree", "--timeout", "-5s"});
  EXPECT_NE(wrong.errors.find("--timeout: -5s is no time"), std::string::npos) << wrong.errors;
  for (const char* const attached : {"--timeout= -5s", "-t -5s"}) {
    const Outcome spaced = run({"tree", attached});
    EXPECT_NE(spaced.errors.find("--timeout:  -5s is no time"), std::string::npos) << spaced.errors;
  }
  const Outcome unexpected = run({"ping", "-5"});
  EXPECT_NE(unexpected.errors.find("not expected: -5\n"), std::string::npos) << unexpected.errors;
}

TEST_F(Command, says_that_its_output_cannot_be_written) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"tree", url_, "--json"},
                                                {"call", url_, "mill.position"},
                                                {"generate", url_}}) {
    const Outcome full = run_script("exec \"$0\" \"$@\" > /dev/full", words);
    EXPECT_EQ(full.code, 1) << words.front();
    EXPECT_EQ(full.errors, "vagus: the output cannot be written: No space left on device\n");
  }
  // More than fits into a buffer: it has failed before the end.
  const Outcome full = run_script("exec \"$0\" \"$@\" > /dev/full", {"manual"});
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(full.errors, "vagus: the output could not be written completely\n");
}

TEST_F(Command, says_nothing_if_nobody_reads_its_output_any_more) {
  // The output is a pipe whose only reader is gone before the command begins.
  const std::string script =
      "trap '' PIPE; pipe=/tmp/vagus-command-$$.pipe; mkfifo $pipe; exec 3<> $pipe 4> $pipe 3<&-; rm $pipe; "
      "exec \"$0\" \"$@\" >&4";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"tree", url_}, {"ping", url_, "-n", "1"}, {"manual"}}) {
    const Outcome closed = run_script(script, words);
    EXPECT_EQ(closed.code, 0) << words.front();
    EXPECT_EQ(closed.errors, "");
  }
}

TEST_F(Command, says_by_its_exit_code_what_went_wrong) {
  EXPECT_EQ(run({"call", "mill.position"}).code, 0);
  const Outcome failed = run({"call", "mill.fail"});
  EXPECT_EQ(failed.code, 1);
  EXPECT_NE(failed.errors.find("the motor is stuck"), std::string::npos) << failed.errors;
  EXPECT_EQ(failed.output, "");
  const Outcome wrong = run({"call", "mill.move_to", "fast"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.errors.find("target_mm is fast, expected a double"), std::string::npos) << wrong.errors;
  const Outcome nobody = run_plain({"tree", "unix:///tmp/nobody.socket", "-t", "2s"});
  EXPECT_EQ(nobody.code, 3);
  EXPECT_NE(nobody.errors.find("nobody listens there"), std::string::npos) << nobody.errors;
  EXPECT_EQ(run({"call", "mill.hang", "-t", "200ms"}).code, 4);
  const Outcome unknown = run({"call", "mill.mov_to", "1"});
  EXPECT_EQ(unknown.code, 5);
  EXPECT_EQ(unknown.errors, "vagus: shop has no method mov_to in mill; did you mean mill.move_to?\n");
  EXPECT_EQ(run({"call", "mill.idle"}).code, 5);
  EXPECT_EQ(run({"call", "mill.moved", "1"}).code, 2);
  EXPECT_EQ(run_plain({}).code, 2);
  EXPECT_EQ(run_plain({"tree"}).code, 2);
  EXPECT_EQ(run_plain({"tree", "nonsense"}).code, 2);
  EXPECT_EQ(run({"tree", "--timeout", "soon"}).code, 2);
}

TEST_F(Command, shows_the_tree) {
  const Outcome shown = run({"tree", "mill.*"});
  EXPECT_EQ(shown.code, 0) << shown.errors;
  EXPECT_TRUE(shown.output.starts_with("shop, process ")) << shown.output;
  EXPECT_NE(shown.output.find("├─ move_to(target_mm: double, speed_mm_s: double = 10.0) -> double\n"),
            std::string::npos)
      << shown.output;
  EXPECT_NE(shown.output.find("├─ moved(double)  event\n"), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("├─ idle()  not handled\n"), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("└─ report() -> streams<string, int>\n"), std::string::npos) << shown.output;
  EXPECT_EQ(shown.output.find('\033'), std::string::npos);
}

TEST_F(Command, describes_a_method_and_an_api) {
  const Outcome method = run({"describe", "mill.position"});
  EXPECT_NE(method.output.find("position() -> ToolPosition"), std::string::npos) << method.output;
  EXPECT_NE(method.output.find("  x_mm: double\n"), std::string::npos) << method.output;
  const Outcome api = run({"describe", "mill", "--json"});
  EXPECT_NE(api.output.find("\"name\":\"mill.move_to\""), std::string::npos) << api.output;
  EXPECT_EQ(run({"describe", "mil"}).errors, "vagus: shop has nothing called mil; did you mean mill?\n");
}

TEST_F(Command, takes_a_namespace_for_all_that_is_in_it) {
  EXPECT_NE(run({"tree", "mill"}).output.find("move_to("), std::string::npos);
  EXPECT_EQ(run({"generate", "mill"}).output, run({"generate", "mill.**"}).output);
  EXPECT_EQ(run({"describe", "mill.move_to", "--json"}).output.find("mill.position"), std::string::npos);
}

TEST_F(Command, says_that_nothing_matches) {
  for (const char* const command : {"tree", "describe", "generate"}) {
    const Outcome outcome = run({command, "mil.**"});
    EXPECT_EQ(outcome.code, 5);
    EXPECT_EQ(outcome.errors, "vagus: shop has nothing that matches mil.**\n") << command;
  }
  EXPECT_EQ(run({"tree", "mil"}).errors, "vagus: shop has nothing called mil; did you mean mill?\n");
  EXPECT_EQ(run_plain({"generate", "told.json", "mill"}).errors,
            "vagus: a pattern goes with a URL: a file is what `vagus tree URL mill --json` has printed\n");
}

TEST_F(Command, measures_the_way_to_a_peer) {
  const Outcome ping = run({"ping", "-n", "2"});
  EXPECT_EQ(ping.code, 0) << ping.errors;
  EXPECT_NE(ping.output.find("shop answered in "), std::string::npos) << ping.output;
}

}  // namespace
}  // namespace vagus::testing
