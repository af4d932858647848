// An ApiArb as a file has it: when it starts, and what is attached to it.

#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/configuration/configured_api.hpp>
#include <vagus/configuration/configured_arb.hpp>
#include <vagus/vagus.hpp>

#include "configuration/faults.hpp"
#include "support/core/flag.hpp"

namespace vagus {
namespace {

using testing::fault_of;
using testing::generous;

struct MachineApi : ApiBase {
  using ApiBase::ApiBase;
  Method<double(double, Default<double>)> move_to{this, "move_to", "",
                                                  params("target_mm", param("speed_mm_s", 10.0))};
};

constexpr const char* no_use = "mill.toml:3:1: this program makes no use of [api.machin]";

Configuration with_unused(const std::string& side) {
  return Configuration::from_text("[[" + side + "]]\nurl = \"inproc://unused\"\n[api.machin]", "mill.toml");
}

TEST(ConfiguredArb, does_not_start_with_what_has_no_effect) {
  const auto configuration = with_unused("listen");
  ConfiguredArb arb{configuration};
  ApiArb& base = arb;
  for (const auto& start : std::initializer_list<std::function<void()>>{
           [&] { arb.start(); }, [&] { arb.run(); }, [&] { arb.run_until_signal(); },
           [&] { arb.wait_open(generous); }, [&] { base.start(); }}) {
    ASSERT_EQ(fault_of(start), no_use);
  }
  configuration.ignore("machin");
  arb.start();
}

TEST(ConfiguredArb, does_not_start_with_what_has_no_effect_by_a_call) {
  MachineApi served{"machine"};
  served.move_to.handle([](double target, double) { return target; });
  ApiArb body{listen("inproc://unused")};
  body.attach(served);
  body.start();
  const auto configuration = with_unused("connect");
  MachineApi machine{"machine"};
  ConfiguredArb arb{configuration};
  arb.attach(machine);
  for (int call = 0; call < 2; ++call) {
    const auto refused = machine.move_to(1.0).try_call();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::api_param);
    EXPECT_EQ(std::string(refused.error().what()).find(no_use), 0u) << refused.error().what();
  }
  configuration.ignore("machin");
  EXPECT_EQ(machine.move_to(1.0).call(), 1.0);
}

TEST(ConfiguredArb, runs_until_it_is_stopped) {
  const auto configuration = Configuration::from_text("[[listen]]\nurl = \"inproc://run\"");
  ConfiguredArb body{configuration};
  std::thread running([&] { body.run(); });
  {
    ApiArb head{connect("inproc://run")};
    EXPECT_NO_THROW(head.wait_open(generous));
  }
  body.stop();
  running.join();
}

TEST(ConfiguredArb, takes_options_that_the_program_has_changed) {
  const auto configuration = Configuration::from_text(
      "name = \"the mill\"\n[limits]\nmax_links = 1\n[[listen]]\nurl = \"inproc://options\"");
  ArbOptions options = configuration.options();
  EXPECT_EQ(options.name, "the mill");
  options.name = "another";
  ConfiguredArb body{configuration, options};
  body.start();
  ApiArb head{connect("inproc://options")};
  head.wait_open(generous);
  EXPECT_EQ(head.peers().at(0).name, "another");
}

TEST(ConfiguredArb, says_which_endpoint_no_transport_takes) {
  const auto fault = [](const std::string& text) {
    return fault_of([&] { const ConfiguredArb arb{Configuration::from_text(text, "mill.toml")}; });
  };
  EXPECT_EQ(fault("name = \"mill\""),
            "mill.toml: there is neither [[listen]] nor [[connect]], so that nobody could be reached");
  const std::string two = fault("[[listen]]\nurl = \"inproc://a\"\n[[connect]]\nurl = \"shn://b\"");
  EXPECT_TRUE(two.starts_with("mill.toml:4:7: no transport is named shn")) << two;
}

TEST(ConfiguredArb, says_where_an_option_is_that_a_transport_does_not_know) {
  const std::string expected = "mill.toml:2:7: inproc://a?rign=1: there is no option rign";
  for (const std::string side : {"listen", "connect"}) {
    ConfiguredArb arb{Configuration::from_text("[[" + side + "]]\nurl = \"inproc://a?rign=1\"", "mill.toml")};
    const std::string told = fault_of([&] { arb.start(); });
    EXPECT_TRUE(told.starts_with(expected)) << told;
    MachineApi machine{"machine"};
    arb.attach(machine);
    const auto refused = machine.move_to(1.0).try_call();
    ASSERT_FALSE(refused);
    EXPECT_TRUE(std::string(refused.error().what()).starts_with(expected)) << refused.error().what();
  }
}

TEST(ConfiguredArb, says_where_users_are_that_cannot_log_in_for_want_of_openssl) {
  const auto make = [] {
    const ConfiguredArb arb{Configuration::from_text(
        "[[listen]]\nurl = \"inproc://a\"\n[[users]]\nname = \"anna\"\ntoken_hash = \"$sha256$" +
            std::string(43, 'A') + '"',
        "mill.toml")};
  };
  try {
    static_cast<void>(hash_token(std::string(40, '0')));
    make();
  } catch (const std::logic_error& without) {
    EXPECT_EQ(fault_of(make), std::string("mill.toml:3:1: ") + without.what());
  }
}

TEST(ConfiguredArb, binds_apis_to_the_endpoints_that_the_file_says) {
  ApiArb left{listen("inproc://bound-left")};
  ApiArb right{listen("inproc://bound-right")};
  MachineApi on_left{"machine"};
  MachineApi on_right{"machine"};
  on_left.move_to.handle([](double, double) { return 1.0; });
  on_right.move_to.handle([](double, double) { return 2.0; });
  left.attach(on_left);
  right.attach(on_right);
  left.start();
  right.start();

  const auto configuration = Configuration::from_text(R"(
[[connect]]
url = "inproc://bound-left"
name = "left"
[[connect]]
url = "inproc://bound-right"
name = "right"
[api.first]
namespace = "machine"
peer = "left"
[api.second]
namespace = "machine"
peer = "right"
[api.second.methods.move_to]
parameters = [{name = "target_mm", type = "double"}, {name = "speed_mm_s", type = "double", default = 0.0}]
result = "double"
)",
                                                      "two.toml");
  MachineApi first{configuration.name_space("first"), configuration.api("first")};
  ConfiguredApi second{configuration, "second"};
  ConfiguredArb head{configuration};
  EXPECT_THROW(head.attach(first), ApiParamError);  // which of the two?
  head.attach(first, "first");
  head.attach(second);
  head.wait_open(generous);
  EXPECT_EQ(first.move_to(0.0).call(), 1.0);
  EXPECT_EQ(second.method("move_to")(0.0).call<double>(), 2.0);
}

constexpr const char* left_and_right = R"([[connect]]
url = "inproc://left"
name = "left"
[[connect]]
url = "inproc://right"
name = "right"
)";

/// Where an API is served in one process, and answers with a number.
struct Served {
  Served(const std::string& url, double answer) : arb(listen(url)) {
    api.move_to.handle([answer](double, double) { return answer; });
    arb.attach(api);
    arb.start();
  }
  MachineApi api{"machine"};
  ApiArb arb;
};

TEST(ConfiguredArb, binds_apis_as_the_program_says) {
  const Served left("inproc://left", 1.0);
  const Served right("inproc://right", 2.0);
  const auto configuration = Configuration::from_text(left_and_right);
  MachineApi on_left{"machine"};
  MachineApi on_right{"machine"};
  ConfiguredArb head{configuration};
  head.attach(on_left, {.peer = "left"});
  head.attach(on_right, AttachOptions{.peer = "right"});
  head.wait_open(generous);
  EXPECT_EQ(on_left.move_to(0.0).call(), 1.0);
  EXPECT_EQ(on_right.move_to(0.0).call(), 2.0);
}

TEST(ConfiguredArb, binds_apis_of_which_the_file_says_nothing_else) {
  const Served left("inproc://left", 1.0);
  const Served right("inproc://right", 2.0);
  const auto configuration = Configuration::from_text(
      std::string(left_and_right) + "[api.first]\nnamespace = \"machine\"\npeer = \"right\"");
  {
    MachineApi machine{"machine"};
    ConfiguredArb head{configuration};
    head.attach(machine, "first");
    EXPECT_EQ(machine.move_to(0.0).call(), 2.0);
  }
  MachineApi machine{"machine"};
  ConfiguredArb head{
      Configuration::from_text(std::string(left_and_right) + "[api.machine]\npeer = \"left\"")};
  head.attach(machine);  // which is found by its namespace
  EXPECT_EQ(machine.move_to(0.0).call(), 1.0);
}

TEST(ConfiguredArb, binds_no_api_by_a_wrong_name_or_with_another_namespace) {
  const auto configuration =
      Configuration::from_text(std::string(left_and_right) +
                                   "[api.machine]\nnamespace = \"plant.mill\"\n[api.machine.parts.x]\n"
                                   "[api.lathe]",
                               "two.toml");
  ConfiguredArb head{configuration};
  MachineApi machine{"machine"};
  EXPECT_EQ(fault_of([&] { head.attach(machine, "lahte"); }),
            "two.toml: there is no [api.lahte]; did you mean lathe?");
  EXPECT_EQ(fault_of([&] { head.attach(machine, "machine.x"); }),
            "two.toml: there is no [api.machine.x]; did you mean machine?");
  EXPECT_EQ(
      fault_of([&] { head.attach(machine, "machine"); }),
      "two.toml:8:13: the namespace of [api.machine] is plant.mill, but that of the API which is attached as "
      "that is machine");
  EXPECT_EQ(fault_of([&] { head.attach(machine, "lathe"); }),
            "two.toml:10:1: the namespace of [api.lathe] is lathe, but that of the API which is attached as "
            "that is "
            "machine");
}

TEST(ConfiguredArb, does_not_start_if_a_binding_has_no_effect) {
  const auto configuration =
      Configuration::from_text(std::string(left_and_right) + "[api.machine]\npeer = \"left\"", "two.toml");
  ConfiguredArb head{configuration};
  MachineApi machine{configuration.name_space("machine"), configuration.api("machine")};
  static_cast<ApiArb&>(head).attach(machine);
  EXPECT_EQ(fault_of([&] { head.start(); }),
            "two.toml:8:8: the peer of [api.machine] has no effect in this program");
}

TEST(ConfiguredArb, takes_apis_that_another_file_describes) {
  const Served left("inproc://left", 1.0);
  const auto contract = Configuration::from_text(
      "[api.machine.methods.move_to]\nresult = \"double\"\nparameters = [{name = \"target_mm\", type = "
      "\"double\"},"
      "{name = \"speed_mm_s\", type = \"double\", default = 10.0}]");
  ConfiguredApi machine{contract, "machine"};
  ConfiguredArb head{Configuration::from_text("[[connect]]\nurl = \"inproc://left\"")};
  head.attach(machine);
  EXPECT_EQ(machine.method("move_to")(0.0).call<double>(), 1.0);
}

TEST(ConfiguredArb, binds_apis_that_the_file_describes_by_another_name) {
  const Served left("inproc://left", 1.0);
  const Served right("inproc://right", 2.0);
  const auto configuration = Configuration::from_text(std::string(left_and_right) + R"(
[api.first]
namespace = "machine"
peer = "left"
[api.first.methods.move_to]
parameters = [{name = "target_mm", type = "double"}, {name = "speed_mm_s", type = "double", default = 0.0}]
result = "double"
[api.second]
namespace = "machine"
peer = "right"
)");
  ConfiguredApi machine{configuration, "first"};
  ConfiguredArb head{configuration};
  head.attach(machine, "second");
  configuration.ignore("first");
  EXPECT_EQ(machine.method("move_to")(0.0).call<double>(), 2.0);
}

}  // namespace
}  // namespace vagus
