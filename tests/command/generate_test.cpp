// `vagus generate`: what it makes is compiled into this test, and served by it.

#include <unistd.h>

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "generated_contract.hpp"
#include "original_contract.hpp"
#include "run_command.hpp"

namespace vagus::testing {
namespace {

std::string text_of(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// Serves two APIs, both without a handler: it is only asked what it offers.
template <class Mill, class Log>
struct Served {
  explicit Served(const std::string& url) : body(listen(url), {.name = "shop"}) {
    body.attach(mill);
    body.attach(log);
    body.start();
  }
  Mill mill;
  Log log;
  ApiArb body;
};

class Generate : public ::testing::Test {
 protected:
  Outcome generate(std::vector<std::string> words = {}) const {
    words.insert(words.begin(), {"generate", url_});
    return run_command(words);
  }
  const std::string url_ = "unix:///tmp/vagus-generate-" + std::to_string(::getpid()) + ".socket";
  const std::string expected_ = text_of(VAGUS_TESTS_DIR "/command/generated_contract.hpp");
};

TEST_F(Generate, makes_a_header_of_a_running_program) {
  const Served<original::MillApi, original::LogApi> served(url_);
  const Outcome made = generate({"--namespace", "generated"});
  EXPECT_EQ(made.code, 0);
  EXPECT_EQ(made.output, expected_);
  EXPECT_NE(made.errors.find("Serial packs itself"), std::string::npos) << made.errors;
}

TEST_F(Generate, makes_the_same_header_of_what_was_built_with_it) {
  const Served<generated::MillApi, generated::MillLogApi> served(url_);
  const Outcome made = generate({"--namespace", "generated"});
  EXPECT_EQ(made.output, expected_);
  EXPECT_EQ(made.errors, "");
}

TEST_F(Generate, makes_it_of_a_description_that_was_saved) {
  const Served<original::MillApi, original::LogApi> served(url_);
  const std::string file = "/tmp/vagus-generate-" + std::to_string(::getpid()) + ".json";
  std::ofstream(file) << run_command({"tree", url_, "--json"}).output;
  EXPECT_EQ(run_command({"generate", file, "--namespace", "generated"}).output, expected_);
  ::unlink(file.c_str());
}

TEST_F(Generate, makes_it_of_a_part) {
  const Served<original::MillApi, original::LogApi> served(url_);
  const Outcome made = generate({"mill.log.**"});
  EXPECT_EQ(made.output.find("class MillApi"), std::string::npos) << made.output;
  EXPECT_NE(made.output.find("class MillLogApi"), std::string::npos) << made.output;
  EXPECT_EQ(generate({"nothing.**"}).code, 5);
}

TEST_F(Generate, refuses_what_is_no_description) {
  const std::string file = "/tmp/vagus-generate-" + std::to_string(::getpid()) + ".json";
  for (const char* const text :
       {"", "{", "[1]", "{\"members\": 1}", "{\"members\": [{\"name\": \"a.b; int c\"}]}",
        "{\"members\": [{\"name\": \"a.b\"}], \"types\": [{\"name\": \"x y\"}]}"}) {
    std::ofstream(file) << text;
    const Outcome refused = run_command({"generate", file});
    EXPECT_NE(refused.code, 0) << text;
    EXPECT_EQ(refused.output, "") << text;
    EXPECT_NE(refused.errors, "") << text;
  }
  ::unlink(file.c_str());
  EXPECT_EQ(run_command({"generate", file}).code, 2);
}

}  // namespace
}  // namespace vagus::testing
