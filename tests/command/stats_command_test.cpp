// `vagus stats`, beside a body.

#include <unistd.h>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "json.hpp"
#include "run_command.hpp"

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

  const std::string url = "unix:///tmp/vagus-stats-" + std::to_string(::getpid()) + ".socket";
  ApiArb body{listen(url), {.name = "shop"}};

 private:
  PressApi press_{"press"};
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
  const Outcome told = run("stats", {"press.*"});
  EXPECT_NE(told.output.find("\npress.stamp  handled      2       1  "), std::string::npos) << told.output;
  EXPECT_EQ(told.output.find("$describe"), std::string::npos) << told.output;
  EXPECT_EQ(told.output.find("not measured"), std::string::npos) << told.output;
}

TEST_F(StatsCommand, tells_it_to_programs) {
  body.measure(true);
  EXPECT_EQ(run("call", {"press.stamp", "3"}).output, "3\n");
  const Outcome outcome = run("stats", {"--json"});
  const auto told = tools::Json::parse(outcome.output);
  EXPECT_EQ(told["name"], "shop");
  EXPECT_EQ(told["process_id"], ::getpid());
  EXPECT_EQ(told["totals"]["links"], 1);
  EXPECT_EQ(told["apis"][0]["name"], "press");
  EXPECT_EQ(told["peers"].size(), 1u);
  EXPECT_EQ(told["measuring"], true);
  for (const auto& method : told["methods"]) {
    if (method["name"] != "press.stamp") continue;
    EXPECT_EQ(method["ran"]["count"], 1);
    EXPECT_GT(method["ran"]["p99_us"], 0.0);
  }
}

TEST_F(StatsCommand, says_what_is_wrong) { EXPECT_EQ(run("stats", {"a..b"}).code, 2); }

}  // namespace
}  // namespace vagus::testing
