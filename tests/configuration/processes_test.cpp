// A body and a head in two processes, each with a file of its own.

#include <unistd.h>

#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include <vagus/configuration/configured_api.hpp>
#include <vagus/configuration/configured_arb.hpp>

#include "configuration/folder.hpp"
#include "support/core/flag.hpp"
#include "support/process.hpp"

namespace vagus {
namespace {

using testing::generous;

constexpr const char* contract = R"(
[api.machine.methods.move_to]
parameters = [{name = "target_mm", type = "double"}, {name = "speed_mm_s", type = "double", default = 10.0}]
result = "double"
[api.machine.methods.reset]
)";

void run_body(const std::string& file) {
  const auto configuration = Configuration::from_file(file);
  ConfiguredApi machine{configuration, "machine"};
  machine.handle("move_to", [](double target, double speed) { return target + speed; });
  machine.handle("reset", [] {});
  ConfiguredArb arb{configuration};
  arb.attach(machine);
  arb.run_until_signal();
}

void run_head(const std::string& file) {
  const auto configuration = Configuration::from_file(file);
  ConfiguredApi machine{configuration, "machine"};
  ConfiguredArb arb{configuration};
  arb.attach(machine);
  arb.wait_open(generous);
  EXPECT_EQ(arb.peers().at(0).name, "the mill");
  EXPECT_EQ(machine.method("move_to")(1.0, kw("speed_mm_s", 2.0)).call<double>(), 3.0);
  EXPECT_EQ(machine.method("move_to")(1.0).call<double>(), 11.0);
  EXPECT_THROW(machine.method("reset")().call<void>(), PermissionDeniedError);
}

TEST(ConfiguredProcesses, talk_as_their_files_say_and_are_denied_what_these_do_not_allow) {
  const testing::Folder folder;
  const std::string url = "unix://" + folder.path() + "/socket";
  const std::string body =
      folder.write("body.toml", "name = \"the mill\"\n[[listen]]\nurl = \"" + url +
                                    "\"\noptions = {mode = \"0600\"}\n[[permissions]]\nuser_id = " +
                                    std::to_string(::getuid()) + "\ncall = [\"*.move_to\"]\n" + contract);
  const std::string head = folder.write("head.toml", "[[connect]]\nurl = \"" + url + "\"\n" + contract);
  testing::Process process([&] { run_body(body); });
  run_head(head);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 0);
}

}  // namespace
}  // namespace vagus
