// What a right file says.

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/configuration/configuration.hpp>

#include "configuration/faults.hpp"

namespace vagus {
namespace {

using namespace std::chrono_literals;
using testing::fault_of;

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
  return fault_of([&] { configuration.check_used(); });
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

TEST(Configuration, tells_which_names_on_the_wire_and_bindings_the_program_does_not_use) {
  const auto configuration = Configuration::from_text(
      "[[connect]]\nurl = \"shm://a\"\nname = \"left\"\n"
      "[api.lathe]\nnamespace = \"plant.lathe\"\npeer = \"left\"\n"
      "[api.mill]\nnamespace = \"plant.mill\"\npeer = \"left\"\n"
      "[api.press]\nnamespace = \"plant.press\"\npeer = \"left\"\nworkers = 2\n[api.press.parts.x]\n"
      "[api.saw]\nnamespace = \"plant.saw\"\n",
      "mill.toml");
  static_cast<void>(configuration.api("lathe"));
  static_cast<void>(configuration.name_space("mill"));
  static_cast<void>(configuration.name_space("press.x"));
  static_cast<void>(configuration.attachment("press"));
  EXPECT_EQ(unused(configuration),
            "mill.toml:5:13: the namespace of [api.lathe] has no effect in this program\n"
            "mill.toml:6:8: the peer of [api.lathe] has no effect in this program\n"
            "mill.toml:9:8: the peer of [api.mill] has no effect in this program\n"
            "mill.toml:10:1: this program makes no use of [api.press] but for its namespace and peer\n"
            "mill.toml:15:1: this program makes no use of [api.saw]");
  static_cast<void>(configuration.name_space("lathe"));
  static_cast<void>(configuration.attachment("lathe"));
  static_cast<void>(configuration.attachment("mill"));
  static_cast<void>(configuration.api("press"));
  static_cast<void>(configuration.api("press.x"));
  configuration.ignore("saw");
  EXPECT_EQ(unused(configuration), "");
}

}  // namespace
}  // namespace vagus
