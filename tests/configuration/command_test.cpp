// The program `vagus` beside a body whose methods only a file describes.
#ifdef VAGUS_COMMAND

#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include <vagus/configuration/configured_api.hpp>
#include <vagus/configuration/configured_arb.hpp>

#include "command/run_command.hpp"

namespace vagus::testing {
namespace {

TEST(DescribedMethods, are_shown_and_called_by_the_command_line) {
  const std::string url = "unix:///tmp/vagus-configured-" + std::to_string(::getpid()) + ".socket";
  const auto configuration = Configuration::from_text("[[listen]]\nurl = \"" + url + R"("
[api.machine.methods.move_to]
docs = "Moves it."
parameters = [{name = "target_mm", type = "double"}, {name = "speed_mm_s", type = "double", default = 10.0}]
result = "double"
)");
  ConfiguredApi machine{configuration, "machine"};
  machine.handle("move_to", [](double target, double speed) { return target + speed; });
  ConfiguredArb body{configuration};
  body.attach(machine);
  body.start();

  EXPECT_EQ(run_command({"call", url, "machine.move_to", "120", "speed_mm_s=5"}).output, "125.0\n");
  EXPECT_EQ(run_command({"call", url, "machine.move_to", "target_mm=1"}).output, "11.0\n");
  EXPECT_NE(run_command({"tree", url})
                .output.find("move_to(target_mm: double, speed_mm_s: double = 10.0) -> double"),
            std::string::npos);
  const Outcome wrong = run_command({"call", url, "machine.move_to", "fast"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.errors.find("target_mm is fast, expected a double"), std::string::npos) << wrong.errors;
}

}  // namespace
}  // namespace vagus::testing

#endif
