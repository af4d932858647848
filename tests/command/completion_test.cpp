// What shells offer, and the manual page.

#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "run_command.hpp"

namespace vagus::testing {
namespace {

struct LatheApi : ApiBase {
  using ApiBase::ApiBase;
  Method<double(double, Default<double>)> turn_to{this, "turn_to", "", params("angle", param("speed", 10.0))};
  Method<void()> stop{this, "stop"};
  Method<void()> idle{this, "idle"};  // not handled
  Event<void(double)> turned{this, "turned"};
};

class Completion : public ::testing::Test {
 protected:
  Completion() {
    lathe_.turn_to.handle([](double angle, double) { return angle; });
    lathe_.stop.handle([] {});
    body_.attach(lathe_);
    body_.start();
  }

  static std::string complete(std::vector<std::string> words) {
    words.insert(words.begin(), "complete");
    return run_command(words).output;
  }
  /// What bash makes of a line whose end is the cursor.
  static std::string in_bash(const std::string& line) {
    const std::string script = std::string("source <(") + VAGUS_COMMAND + " completion bash); COMP_LINE='" +
                               VAGUS_COMMAND + line +
                               "'; COMP_POINT=${#COMP_LINE}; _vagus; printf '%s,' \"${COMPREPLY[@]}\"";
    std::array<char, 4096> read{};
    FILE* const bash = ::popen(("bash -c '" + quoted(script) + "'").c_str(), "r");
    const std::size_t size = std::fread(read.data(), 1, read.size(), bash);
    EXPECT_EQ(::pclose(bash), 0);
    return {read.data(), size};
  }

  const std::string url_ = "unix:///tmp/vagus-completion-" + std::to_string(::getpid()) + "-shop.socket";

 private:
  static std::string quoted(const std::string& text) {
    std::string escaped;
    for (const char character : text) escaped += character == '\'' ? "'\\''" : std::string(1, character);
    return escaped;
  }

  LatheApi lathe_{"lathe"};
  ApiArb body_{listen(url_), {.name = "shop"}};
};

TEST_F(Completion, offers_commands_and_options) {
  EXPECT_EQ(complete({"de"}), "describe\n");
  EXPECT_EQ(complete({"call", "--t"}), "--timeout\n");
  EXPECT_EQ(complete({"completion", ""}), "bash\nfish\nzsh\n");
  EXPECT_EQ(complete({"unheard_of", ""}), "");
}

TEST_F(Completion, offers_urls_of_what_runs_here) {
  EXPECT_EQ(complete({"tree", url_.substr(0, url_.size() - 9)}), url_ + '\n');
  EXPECT_EQ(complete({"tree", "--timeout", ""}), "");
  EXPECT_EQ(complete({"tree", "--timeout", "1s", url_.substr(0, url_.size() - 1)}), url_ + '\n');
}

TEST_F(Completion, offers_the_names_that_are_of_use) {
  EXPECT_EQ(complete({"call", url_, ""}), "lathe.stop\nlathe.turn_to\n");
  EXPECT_EQ(complete({"call", url_, "lathe.t"}), "lathe.turn_to\n");
  EXPECT_EQ(complete({"bench", url_, ""}), "lathe.stop\nlathe.turn_to\n");
  EXPECT_EQ(complete({"listen", url_, ""}), "lathe.turned\n");
  EXPECT_EQ(complete({"record", url_, ""}), "lathe.turned\n");
  EXPECT_EQ(complete({"bench", url_, "lathe.turn_to", "s"}), "speed=\n");
  EXPECT_EQ(complete({"replay", ""}), "");
  EXPECT_EQ(complete({"replay", "--l"}), "--list\n--loop\n");
  EXPECT_EQ(complete({"describe", url_, "lathe.i"}), "lathe.idle\n");
  EXPECT_EQ(complete({"call", url_, "lathe.turn_to", "s"}), "speed=\n");
  EXPECT_EQ(complete({"call", "unix:///tmp/nobody.socket", ""}), "");
}

TEST_F(Completion, works_in_bash_where_a_colon_ends_a_word) {
  EXPECT_EQ(in_bash(" li"), "list,listen,");
  EXPECT_EQ(in_bash(" tree " + url_.substr(0, url_.size() - 3)), url_.substr(5) + ',');
  EXPECT_EQ(in_bash(" call " + url_ + " lathe.turn_to "), "angle=,speed=,");
}

TEST(CompletionScripts, leave_out_nothing_that_a_shell_needs) {
  // That of bash is run above; fish and zsh need not be here.
  EXPECT_NE(run_command({"completion", "zsh"})
                .output.find(
                    "  found=(${(f)\"$(\"${words[1]}\" complete \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"})\n"
                    "  compadd -Q -a found\n"),
            std::string::npos);
  EXPECT_NE(run_command({"completion", "fish"}).output.find("vagus complete (commandline -opc)[2..]"),
            std::string::npos);
}

TEST(Manual, tells_of_every_command) {
  const Outcome manual = run_command({"manual"});
  EXPECT_EQ(manual.code, 0);
  EXPECT_EQ(manual.output.find(".TH VAGUS 1"), 0u);
  for (const char* const command : {"tree", "describe", "call", "listen", "ping", "stats", "top", "list",
                                    "doctor", "generate", "completion", "bench", "record", "replay"}) {
    EXPECT_NE(manual.output.find(std::string(".SS ") + command + '\n'), std::string::npos) << command;
  }
  EXPECT_NE(manual.output.find("\\fB\\-t\\fR, \\fB\\-\\-timeout\\fR"), std::string::npos);
}

}  // namespace
}  // namespace vagus::testing
