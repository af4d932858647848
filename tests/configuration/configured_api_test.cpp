// APIs that only a file describes, towards such as are declared in code and the other way round.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/configuration/configured_api.hpp>
#include <vagus/configuration/configured_arb.hpp>
#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"

namespace vagus {
namespace {

using namespace std::chrono_literals;
using testing::generous;

constexpr const char* file = R"(
[api.machine]
docs = "A mill."
version = "2.1"
workers = 2
timeout = "60s"
[api.machine.methods.move_to]
docs = "Moves it."
parameters = [{name = "target_mm", type = "double"}, {name = "speed_mm_s", type = "double", default = 10}]
result = "double"
idempotent = true
[api.machine.methods.reset]
hidden = true
[api.machine.methods.mean]
parameters = [{name = "numbers", type = "list< double >"}, {name = "names", type = "map<string,list<int>>", default = {a = [1, 2]}},
  {name = "raw", type = "bytes", default = "hex:00ff"}, {name = "pause", type = "duration", default = "2s"}]
result = "optional<double>"
[api.machine.methods.keep]
parameters = [{name = "what", type = "any", default = {text = "a", list = [1, 2.5, true]}}]
result = "any"
[api.machine.events.moved]
docs = "Sent after each move."
parameters = [{name = "position_mm", type = "double"}, {name = "tool", type = "string", default = "none"}]
[api.machine.parts.x]
docs = "An axis."
[api.machine.parts.x.methods.stop]
[api.machine.parts.x.parts.motor.methods.current]
result = "float"
[api.machine.methods.drill]
parameters = [{name = "holes", type = "int"}, {name = "pause", type = "duration", default = "0s"}]
result = "int"
reports = "string"
)";

/// A head and a body in one process, each with what `file` says.
class Described : public ::testing::Test {
 protected:
  static Configuration read(const std::string& side) {
    return Configuration::from_text("[[" + side + "]]\nurl = \"inproc://described\"\n" + file, "mill.toml");
  }
  void start() {
    body_.attach(served_);
    body_.start();
    head_.attach(called_);
    head_.wait_open(generous);
  }
  static std::string fault(const std::function<void()>& function) {
    try {
      function();
    } catch (const ApiParamError& error) {
      return error.what();
    }
    return "";
  }

  const Configuration bodys_ = read("listen");
  const Configuration heads_ = read("connect");
  ConfiguredApi served_{bodys_, "machine"};
  ConfiguredApi called_{heads_, "machine"};
  ConfiguredArb body_{bodys_};
  ConfiguredArb head_{heads_};
};

TEST_F(Described, methods_are_handled_and_called_by_name) {
  served_.handle("move_to", [](double target, double speed) { return target + speed; });
  start();
  const DescribedMethod& move_to = called_.method("move_to");
  EXPECT_EQ(move_to(1.0, 2.0).call<double>(), 3.0);
  EXPECT_EQ(move_to(1.0).call<double>(), 11.0);
  EXPECT_EQ(move_to(kw("speed_mm_s", 5.0), kw("target_mm", 2.0)).call<double>(), 7.0);
  EXPECT_EQ(move_to(1).async<double>().get(), 11.0);
  EXPECT_EQ(head_.proxy("machine").action("move_to", 4.0).call<double>(), 14.0);
}

TEST_F(Described, methods_have_defaults_of_all_kinds) {
  using Names = std::map<std::string, std::vector<int>>;
  served_.handle(
      "mean",
      [](const std::vector<double>& numbers, const Names& names, const std::vector<std::uint8_t>& raw,
         std::chrono::nanoseconds pause) -> std::optional<double> {
        if (names != Names{{"a", {1, 2}}} || raw != std::vector<std::uint8_t>{0, 0xff} || pause != 2s)
          return std::nullopt;
        return numbers.at(0);
      });
  served_.handle("keep", [](const Value& what) { return what; });
  start();
  EXPECT_EQ(called_.method("mean")(std::vector<double>{2.5}).call<std::optional<double>>(), 2.5);
  EXPECT_EQ(to_string(called_.method("keep")().call<Value>()), R"({"text": "a", "list": [1, 2.5, true]})");
}

TEST_F(Described, methods_report_what_the_file_says_ahead_of_their_results) {
  served_.handle("drill", [](Call& call, int holes, std::chrono::nanoseconds pause) {
    for (int hole = 1; hole <= holes; ++hole) call.progress(std::to_string(hole));
    return holes + static_cast<int>(pause.count());
  });
  start();
  auto drilling = called_.method("drill")(2).stream<std::string, int>();
  std::string reported;
  for (const std::string& part : drilling) reported += part;
  EXPECT_EQ(reported, "12");
  EXPECT_EQ(drilling.result().value(), 2);
}

TEST_F(Described, methods_whose_handler_is_cleared_are_not_handled) {
  served_.handle("reset", [] {});
  start();
  called_.method("reset")().call<void>();
  served_.method("reset").clear();
  EXPECT_THROW(called_.method("reset")().call<void>(), UnsupportedApiError);
}

TEST_F(Described, methods_of_parts_are_reached_from_the_api_that_they_are_in) {
  testing::Flag stopped;
  served_.handle("x.stop", [&] { stopped.raise(); });
  served_.handle("x.motor.current", [] { return 1.5f; });
  start();
  called_.method("x.stop")().call<void>();
  EXPECT_TRUE(stopped.raised());
  EXPECT_EQ(called_.method("x.motor.current")().call<float>(), 1.5f);
  EXPECT_EQ(called_.method("x.stop").name_space(), "machine.x.stop");
}

TEST_F(Described, handlers_of_other_types_are_refused_where_they_are_set) {
  EXPECT_EQ(
      fault([&] { served_.handle("move_to", [](double target) { return target; }); }),
      "mill.toml:9:1: the handler of machine.move_to is (double) -> double, but the method was declared as "
      "(double, double) -> double");
  EXPECT_EQ(fault([&] { served_.handle("move_to", [](double, std::string) { return 1.0; }); }),
            "mill.toml:9:1: the handler of machine.move_to is (double, string) -> double, but the method was "
            "declared as (double, double) -> double");
  EXPECT_EQ(
      fault([&] { served_.handle("move_to", [](double, double) { return 1; }); }),
      "mill.toml:9:1: the handler of machine.move_to is (double, double) -> int, but the method was declared "
      "as (double, double) -> double");
  EXPECT_NE(fault([&] { served_.handle("reset", [] { return 1; }); }), "");
  EXPECT_NE(fault([&] { served_.set_handler("move_to", [] {}); }), "");
  EXPECT_NE(
      fault([&] {
        static_cast<void>(served_.event("moved").subscribe([](int, std::string) {}));
      }).find("mill.toml:23:1: the handler of machine.moved is (int, string) -> void, but the event was"),
      std::string::npos);
  // `any` may be anything, and a result may be owed.
  served_.handle("keep", [](int number) { return std::to_string(number); });
  served_.handle("move_to", [](Call& call, double, double) { call.defer<double>().complete(5.0); });
  start();
  EXPECT_EQ(called_.method("keep")(7).call<std::string>(), "7");
  EXPECT_EQ(called_.method("move_to")(1.0).call<double>(), 5.0);
}

TEST_F(Described, calls_that_cannot_be_right_are_not_sent) {
  const DescribedMethod& move_to = called_.method("move_to");
  EXPECT_EQ(fault([&] { static_cast<void>(move_to(1.0, 2.0, 3.0)); }),
            "3 arguments were given, 2 are taken; machine.move_to is (double, double) -> double");
  EXPECT_EQ(fault([&] { static_cast<void>(move_to()); }),
            "\"target_mm\" is missing; machine.move_to is (double, double) -> double");
  EXPECT_EQ(
      fault([&] { static_cast<void>(move_to(1.0, kw("sped_mm_s", 1.0))); }),
      "there is no parameter \"sped_mm_s\"; did you mean speed_mm_s?; machine.move_to is (double, double) -> "
      "double");
}

TEST_F(Described, names_that_the_file_does_not_describe_are_errors_that_say_what_it_does) {
  try {
    static_cast<void>(called_.method("mov_to"));
    FAIL();
  } catch (const UnknownApiError& error) {
    EXPECT_STREQ(error.what(),
                 "mill.toml describes no method of machine called mov_to; did you mean move_to?");
  }
  EXPECT_THROW(static_cast<void>(called_.event("move_to")), UnknownApiError);
  try {
    const ConfiguredApi none{heads_, "machin"};
    FAIL();
  } catch (const ConfigurationError& error) {
    EXPECT_STREQ(error.what(), "mill.toml: there is no [api.machin]; did you mean machine?");
  }
}

TEST_F(Described, events_are_sent_and_heard) {
  testing::Flag heard;
  const auto hearing = called_.event("moved").subscribe([&](double position, const std::string& tool) {
    if (position == 12.0 && tool == "drill") heard.raise();
  });
  start();
  const auto end = std::chrono::steady_clock::now() + generous;
  while (!body_.has_listener("machine.moved") && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  served_.event("moved")(12.0, "drill").post();
  EXPECT_TRUE(heard.await());
}

TEST_F(Described, apis_describe_themselves_as_others_do) {
  served_.handle("move_to", [](double target, double) { return target; });
  start();
  const Description told = head_.describe(head_.peers().at(0), "machine.**");
  const ApiDescription* const machine = told.api("machine");
  ASSERT_NE(machine, nullptr);
  EXPECT_EQ(machine->docs, "A mill.");
  EXPECT_EQ(machine->version, "2.1");
  EXPECT_EQ(machine->workers, 2u);
  ASSERT_NE(told.api("machine.x"), nullptr);
  EXPECT_EQ(told.api("machine.x")->docs, "An axis.");
  const MemberDescription* const move_to = told.member("machine.move_to");
  ASSERT_NE(move_to, nullptr);
  EXPECT_EQ(to_string(*move_to), "move_to(target_mm: double, speed_mm_s: double = 10.0) -> double");
  EXPECT_EQ(move_to->signature, "(double, double?) -> double");
  EXPECT_EQ(move_to->docs, "Moves it.");
  EXPECT_TRUE(move_to->handled);
  EXPECT_TRUE(move_to->idempotent);
  EXPECT_EQ(told.member("machine.reset"), nullptr);  // hidden
  ASSERT_NE(told.member("machine.moved"), nullptr);
  EXPECT_TRUE(told.member("machine.moved")->event);
  EXPECT_EQ(told.member("machine.mean")->signature,
            "(list<double>, map<string, list<int>>?, bytes?, duration?) -> optional<double>");
}

// What the file says of `machine` as a contract in code.
struct AxisApi : ApiBase {
  using ApiBase::ApiBase;
  Method<void()> stop{this, "stop"};
};
struct MachineApi : ApiBase {
  using ApiBase::ApiBase;
  Method<double(double, Default<double>)> move_to{this, "move_to", "Moves it.",
                                                  params("target_mm", param("speed_mm_s", 10.0))};
  Method<void(std::string)> keep{this, "keep", "", params("what")};
  Event<void(double, std::string)> moved{this, "moved"};
  AxisApi x{this, "x"};
};
/// Of another build.
struct OtherMachineApi : ApiBase {
  using ApiBase::ApiBase;
  Method<std::string(double)> move_to{this, "move_to"};
};

TEST_F(Described, bodies_serve_heads_that_declare_them_in_code) {
  served_.handle("move_to", [](double target, double speed) { return target * speed; });
  served_.handle("keep", [](const Value&) {});
  body_.attach(served_);
  body_.start();
  MachineApi machine{heads_.name_space("machine"), heads_.api("machine")};
  ApiArb head{connect("inproc://described")};
  head.attach(machine);
  EXPECT_EQ(machine.move_to(2.0).call(), 20.0);
  machine.keep("a").call();  // `any` there
  OtherMachineApi other{"machine"};
  ApiArb wrong{connect("inproc://described")};
  wrong.attach(other);
  EXPECT_THROW(other.move_to(1.0).call(), ContractMismatchError);
}

TEST_F(Described, heads_call_bodies_that_declare_them_in_code) {
  MachineApi machine{"machine"};
  machine.move_to.handle([](double target, double speed) { return target - speed; });
  machine.x.stop.handle([] {});
  ApiArb body{listen("inproc://described")};
  body.attach(machine);
  body.start();
  head_.attach(called_);
  EXPECT_EQ(called_.method("move_to")(kw("target_mm", 12.0)).call<double>(), 2.0);
  called_.method("x.stop")().call<void>();
}

/// Its handlers are bound by their names.
struct Machine {
  VAGUS_HANDLERS(move_to)
  double _handler_move_to(double target, double) { return -target; }
};

TEST_F(Described, apis_are_served_by_objects) {
  Machine machine;
  const auto serving = served_.serve(machine);
  start();
  EXPECT_EQ(called_.method("move_to")(2.0).call<double>(), -2.0);
}

}  // namespace
}  // namespace vagus
