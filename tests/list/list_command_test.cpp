// `vagus list`. Whatever else runs on this machine is listed, too, and asked for that: so no other test runs
// beside these, lest they count one peer too many.

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "command/left_socket.hpp"
#include "command/run_command.hpp"
#include "json.hpp"
#include "support/process.hpp"
#include "terminal.hpp"

namespace vagus::testing {
namespace {

std::string own_name(const std::string& name) { return "vagus-" + name + '-' + std::to_string(::getpid()); }

/// What is told of one URL; null if nothing is.
tools::Json listed(const std::string& url, const std::string& timeout = "30s") {
  const Outcome outcome = run_command({"list", "--json", "--timeout", timeout});
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
  for (const auto& one : tools::Json::parse(outcome.output)) {
    if (one["url"] == url) return one;
  }
  return {};
}

TEST(ListCommand, shows_what_runs_here) {
  const std::string name = "shm://" + own_name("listed");
  const std::string path = "unix:///tmp/" + own_name("listed") + ".socket";
  ApiArb body({listen(name), listen(path)}, {.name = "shop"});
  body.start();
  ApiArb head(connect(name));
  head.wait_open(std::chrono::seconds(60));
  for (const std::string& url : {name, path}) {
    const tools::Json told = listed(url);
    EXPECT_EQ(told["state"], "answers") << told;
    EXPECT_EQ(told["name"], "shop") << told;
    EXPECT_EQ(told["process_id"], ::getpid()) << told;
    EXPECT_GT(told["uptime_us"], 0) << told;
    EXPECT_GE(told["peers"], 1) << told;
  }
  const Outcome table = run_command({"list", "-t", "30s"});
  EXPECT_TRUE(table.output.starts_with("URL ")) << table.output;
  EXPECT_NE(table.output.find(name + "  "), std::string::npos) << table.output;
  EXPECT_EQ(table.output.find('\033'), std::string::npos);
}

TEST(ListCommand, fits_the_terminal) {
  const std::string name = "shm://" + own_name("listed") + std::string(40, 'x');
  ApiArb body(listen(name), {.name = "shop"});
  body.start();
  TerminalSession session({"list", "-t", "30s"});
  EXPECT_EQ(session.finish(), 0);
  EXPECT_TRUE(session.await("answers")) << session.shown();
  // The table, not what is said below it of those that do not answer.
  const auto lines = plain_lines(session.shown());
  const auto line = std::find_if(lines.begin(), lines.end(), [&](const std::string& each) {
    return each.find("  answers  ") != std::string::npos;
  });
  ASSERT_NE(line, lines.end()) << session.shown();
  EXPECT_LE(tools::columns(*line), 80u) << *line;
}

TEST(ListCommand, says_what_was_left_behind) {
  const LeftSocket left("/tmp/" + own_name("left") + ".socket", true);
  const tools::Json told = listed("unix://" + left.path());
  EXPECT_EQ(told["state"], "stale");
  EXPECT_EQ(told["process_id"], nullptr);
}

TEST(ListCommand, says_who_does_not_answer) {
  const std::string path = "/tmp/" + own_name("halted") + ".socket";
  {
    const Signpost listening;
    Process process([&] {
      ApiArb body(listen("unix://" + path));
      body.start();
      listening.raise();
      ::pause();
    });
    listening.wait();
    process.halt();
    const tools::Json told = listed("unix://" + path, "300ms");
    EXPECT_EQ(told["state"], "no answer") << told;
    EXPECT_EQ(told["process_id"], process.id());
  }
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".lock");
}

TEST(ListCommand, says_who_wants_a_login) {
  const std::string url = "shm://" + own_name("guarded");
  const std::string hash = hash_token(make_token());
  const Users users{{.name = "panel", .token_hash = hash}};
  ApiArb body(listen(url), {.users = users});
  body.start();
  const tools::Json told = listed(url);
  EXPECT_EQ(told["state"], "not allowed") << told;
  EXPECT_NE(told["why"].dump().find("log"), std::string::npos) << told;
}

}  // namespace
}  // namespace vagus::testing
