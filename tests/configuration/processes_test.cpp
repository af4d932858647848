// A body and a head in two processes, each with a file of its own.

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <vagus/configuration/configured_api.hpp>
#include <vagus/configuration/configured_arb.hpp>

#include "support/core/flag.hpp"
#include "support/process.hpp"

namespace vagus {
namespace {

using testing::generous;

/// A file in the temporary directory, as long as the test runs.
class File {
 public:
  File(const std::string& name, const std::string& text)
      : path_("/tmp/vagus-configuration-" + std::to_string(::getpid()) + '-' + name) {
    std::ofstream(path_) << text;
  }
  ~File() { ::unlink(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const noexcept { return path_; }

 private:
  const std::string path_;
};

constexpr const char* contract = R"(
[api.machine.methods.move_to]
parameters = [{name = "target_mm", type = "double"}, {name = "speed_mm_s", type = "double", default = 10.0}]
result = "double"
[api.machine.methods.reset]
)";

void run_body(const std::string& file, const testing::Signpost& ready, const testing::Signpost& done) {
  const auto configuration = Configuration::from_file(file);
  ConfiguredApi machine{configuration, "machine"};
  machine.handle("move_to", [](double target, double speed) { return target + speed; });
  machine.handle("reset", [] {});
  ConfiguredArb arb{configuration};
  arb.attach(machine);
  arb.start();
  ready.raise();
  done.wait();
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
  const std::string url = "unix:///tmp/vagus-configuration-" + std::to_string(::getpid()) + ".socket";
  const File body("body.toml", "name = \"the mill\"\n[[listen]]\nurl = \"" + url +
                                   "\"\noptions = {mode = \"0600\"}\n[[permissions]]\nuser_id = " +
                                   std::to_string(::getuid()) + "\ncall = [\"*.move_to\"]\n" + contract);
  const File head("head.toml", "[[connect]]\nurl = \"" + url + "\"\n" + contract);
  const testing::Signpost ready;
  const testing::Signpost done;
  testing::Process process([&] { run_body(body.path(), ready, done); });
  ready.wait();
  run_head(head.path());
  done.raise();
  EXPECT_EQ(process.wait(), 0);
}

}  // namespace
}  // namespace vagus
