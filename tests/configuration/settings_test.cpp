// What a right file says.

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <vagus/configuration/configuration.hpp>
#include <vagus/configuration/configured_arb.hpp>

#include "support/core/flag.hpp"

namespace vagus {
namespace {

using namespace std::chrono_literals;

TEST(Configuration, of_nothing_is_as_by_default) {
  const auto configuration = Configuration::from_text("");
  EXPECT_TRUE(configuration.endpoints().empty());
  EXPECT_EQ(configuration.options().max_message_size, ArbOptions().max_message_size);
  EXPECT_EQ(configuration.options().name, "");
  EXPECT_FALSE(configuration.options().permissions);
  EXPECT_FALSE(configuration.options().users);
  EXPECT_EQ(configuration.api("machine", {.workers = 3}).workers, 3u);
}

TEST(Configuration, has_name_defaults_and_limits) {
  const auto configuration = Configuration::from_text(R"(
name = "mill"
[defaults]
timeout = "250ms"
priority = "high"
when_full = "refuse"
when_down = "queue"
[limits]
max_message_size = "16MiB"
max_depth = 5
max_pending = 6
max_links = 7
max_unsent = 4096
)");
  const ArbOptions options = configuration.options();
  EXPECT_EQ(options.name, "mill");
  EXPECT_EQ(options.timeout, Duration(250ms));
  EXPECT_EQ(options.priority, Priority::high);
  EXPECT_EQ(options.when_full, WhenFull::refuse);
  EXPECT_EQ(options.when_down, WhenDown::queue);
  EXPECT_EQ(options.max_message_size, std::size_t{16} << 20);
  EXPECT_EQ(options.max_depth, 5u);
  EXPECT_EQ(options.max_pending, 6u);
  EXPECT_EQ(options.max_links, 7u);
  EXPECT_EQ(options.max_unsent, 4096u);
  EXPECT_EQ(Configuration::from_text("defaults = {timeout = \"none\"}").options().timeout, no_timeout);
}

TEST(Configuration, has_endpoints_with_options_beside_their_urls) {
  const auto endpoints = Configuration::from_text(R"(
[[connect]]
url = "tcp://localhost:4000?keep_alive=5s"
name = "left"
[[listen]]
url = "shm:///run/mill.socket"
options = {mode = "0660", users = ["anna", 1000], ring = 65536, hello = false}
)")
                             .endpoints();
  ASSERT_EQ(endpoints.size(), 2u);
  EXPECT_EQ(endpoints[0].side(), Side::body);
  EXPECT_EQ(endpoints[0].url().to_string(),
            "shm:///run/mill.socket?hello=no&mode=0660&ring=65536&users=anna,1000");
  EXPECT_EQ(endpoints[1].side(), Side::head);
  EXPECT_EQ(endpoints[1].name(), "left");
  EXPECT_EQ(endpoints[1].url().options.at("keep_alive"), "5s");
}

TEST(Configuration, has_permissions_and_users) {
  const auto configuration = Configuration::from_text(R"(
[[permissions]]
user = "anna"
call = ["machine.**"]
listen = ["machine.*.moved"]
[[permissions]]
user_id = 0
group_id = 5
certificate = "panel.example.org"
describe = ["**"]
handle = ["**"]
)");
  ASSERT_TRUE(configuration.options().permissions);
  const auto& list = configuration.options().permissions->list();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].user, "anna");
  EXPECT_EQ(list[0].call, std::vector<std::string>{"machine.**"});
  EXPECT_EQ(list[0].listen, std::vector<std::string>{"machine.*.moved"});
  EXPECT_FALSE(list[0].user_id);
  EXPECT_EQ(list[1].user_id, 0);
  EXPECT_EQ(list[1].group_id, 5);
  EXPECT_EQ(list[1].certificate, "panel.example.org");
  EXPECT_EQ(list[1].describe, std::vector<std::string>{"**"});
  EXPECT_EQ(list[1].handle, std::vector<std::string>{"**"});
  // An empty list lets nobody do anything, which is not the same as none.
  const auto nobody = Configuration::from_text("permissions = []");
  ASSERT_TRUE(nobody.options().permissions);
  EXPECT_TRUE(nobody.options().permissions->list().empty());
}

/// A folder that goes with the test.
class Folder {
 public:
  Folder() : path_("/tmp/vagus-configuration-" + std::to_string(::getpid())) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + '/' + name) << text;
    return path_ + '/' + name;
  }

 private:
  const std::string path_;
};

TEST(Configuration, takes_secrets_from_files_beside_it_and_from_the_environment) {
  const Folder folder;
  folder.write("password", "open sesame\n");
  ::setenv("VAGUS_TEST_TOKEN", "0123456789012345678901234567890123456789", 1);
  const auto endpoints = Configuration::from_file(folder.write("mill.toml", R"(
[[connect]]
url = "shm://left"
login = {user = "anna", password_file = "password"}
[[connect]]
url = "shm://right"
login = {token_env = "VAGUS_TEST_TOKEN"}
)"))
                             .endpoints();
  ::unsetenv("VAGUS_TEST_TOKEN");
  ASSERT_EQ(endpoints.size(), 2u);
  EXPECT_EQ(endpoints[0].login().user, "anna");
  EXPECT_EQ(endpoints[0].login().password, "open sesame");
  EXPECT_EQ(endpoints[1].login().token, "0123456789012345678901234567890123456789");
}

/// Of no token that anybody has.
const std::string token_hash = "$sha256$" + std::string(43, 'A');

TEST(Configuration, has_users_with_hashes_from_anywhere) {
  const Folder folder;
  folder.write("anna.hash", token_hash + '\n');
  const auto configuration = Configuration::from_file(
      folder.write("mill.toml", "[[users]]\nname = \"bert\"\ntoken_hash = \"" + token_hash +
                                    "\"\n[[users]]\nname = \"anna\"\ntoken_hash_file = \"anna.hash\""));
  ASSERT_TRUE(configuration.options().users);
  const auto& users = configuration.options().users->list();
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].name, "bert");
  EXPECT_EQ(users[0].token_hash, token_hash);
  EXPECT_EQ(users[1].name, "anna");
  EXPECT_EQ(users[1].token_hash, token_hash);
}

TEST(Configuration, lets_in_whom_a_hash_of_the_file_knows) {
  const std::string token = "0123456789012345678901234567890123456789";
  std::string hash;
  try {
    hash = hash_token(token);
  } catch (const std::logic_error& without) {
    GTEST_SKIP() << without.what();
  }
  ConfiguredArb body{
      Configuration::from_text("[[listen]]\nurl = \"inproc://guarded\"\n[[users]]\nname = \"anna\"\n"
                               "token_hash = \"" +
                               hash + '"')};
  body.start();
  ::setenv("VAGUS_TEST_TOKEN", token.c_str(), 1);
  ConfiguredArb head{Configuration::from_text(
      "[[connect]]\nurl = \"inproc://guarded\"\nlogin = {token_env = \"VAGUS_TEST_TOKEN\"}")};
  ::unsetenv("VAGUS_TEST_TOKEN");
  head.wait_open(testing::generous);
  body.wait_open(testing::generous);
  EXPECT_EQ(body.peers().at(0).user, "anna");
}

TEST(Configuration, has_options_of_apis_that_are_declared_in_code) {
  const auto configuration = Configuration::from_text(R"(
[api.machine]
namespace = "plant.mill"
docs = "A mill."
version = "2.1"
workers = 4
timeout = "2s"
serial = true
queue = 10
down_queue = {capacity = 3, when_full = "drop_oldest"}
[api.machine.methods.move_to]
idempotent = true
timeout = "5s"
[api.machine.parts.x]
docs = "An axis."
when_down = "queue"
)");
  const ApiOptions otherwise{.workers = 1, .priority = Priority::low};
  const ApiOptions machine = configuration.api("machine", otherwise);
  EXPECT_EQ(machine.docs, "A mill.");
  EXPECT_EQ(machine.version, "2.1");
  EXPECT_EQ(machine.workers, 4u);
  EXPECT_EQ(machine.timeout, Duration(2s));
  EXPECT_EQ(machine.priority, Priority::low);
  EXPECT_TRUE(machine.serial);
  EXPECT_EQ(machine.queue, 10u);
  EXPECT_EQ(machine.down_queue.capacity, 3u);
  EXPECT_EQ(machine.down_queue.when_full, WhenQueueFull::drop_oldest);
  EXPECT_EQ(configuration.api("machine.x").when_down, WhenDown::queue);
  EXPECT_EQ(configuration.method("machine.move_to", {.hidden = true}).timeout, Duration(5s));
  EXPECT_TRUE(configuration.method("machine.move_to").idempotent);
  EXPECT_TRUE(configuration.method("machine.move_to", {.hidden = true}).hidden);
  EXPECT_EQ(configuration.name_space("machine"), "plant.mill");
  EXPECT_EQ(configuration.name_space("machine.x"), "plant.mill.x");
  EXPECT_EQ(configuration.name_space("lathe"), "lathe");
  EXPECT_EQ(configuration.apis(), (std::vector<std::string>{"machine", "machine.x"}));
  configuration.check_used();
}

/// What is said of what the program has not asked for.
std::string unused(const Configuration& configuration) {
  try {
    configuration.check_used();
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "";
}

TEST(Configuration, tells_what_of_it_the_program_does_not_use) {
  const auto configuration = Configuration::from_text(
      "[api.machin]\n"
      "[api.lathe]\n"
      "[api.lathe.methods.stop]\n"
      "[api.lathe.parts.x]\n"
      "[api.press]\n",
      "mill.toml");
  static_cast<void>(configuration.api("machine"));
  static_cast<void>(Configuration(configuration).api("lathe"));  // copies share it
  configuration.ignore("press");
  EXPECT_EQ(unused(configuration),
            "mill.toml:1:1: this program makes no use of [api.machin]; did you mean machine?\n"
            "mill.toml:3:1: this program makes no use of the method lathe.stop\n"
            "mill.toml:4:1: this program makes no use of the part lathe.x");
  configuration.ignore("machin");
  configuration.ignore("lathe");
  EXPECT_EQ(unused(configuration), "");
}

TEST(ConfiguredArb, does_not_start_with_what_has_no_effect) {
  const auto configuration =
      Configuration::from_text("[[listen]]\nurl = \"inproc://unused\"\n[api.machin]", "mill.toml");
  ConfiguredArb arb{configuration};
  EXPECT_THROW(arb.start(), ConfigurationError);
  EXPECT_THROW(arb.wait_open(1s), ConfigurationError);
  configuration.ignore("machin");
  arb.start();
}

TEST(ConfiguredArb, says_which_endpoint_no_transport_takes) {
  const auto fault = [](const std::string& text) -> std::string {
    try {
      ConfiguredArb arb{Configuration::from_text(text, "mill.toml")};
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(fault("name = \"mill\""),
            "mill.toml: there is neither [[listen]] nor [[connect]], so that nobody could be reached");
  const std::string two = fault("[[listen]]\nurl = \"inproc://a\"\n[[connect]]\nurl = \"shn://b\"");
  EXPECT_TRUE(two.starts_with("mill.toml:4:7: no transport is named shn")) << two;
}

TEST(ConfiguredArb, says_where_an_option_is_that_a_transport_does_not_know) {
  for (const std::string side : {"listen", "connect"}) {
    ConfiguredArb arb{Configuration::from_text("[[" + side + "]]\nurl = \"inproc://a?rign=1\"", "mill.toml")};
    try {
      arb.start();
      FAIL() << side;
    } catch (const ConfigurationError& error) {
      EXPECT_TRUE(
          std::string(error.what()).starts_with("mill.toml:2:7: inproc://a?rign=1: there is no option rign"))
          << error.what();
    }
  }
}

}  // namespace
}  // namespace vagus
