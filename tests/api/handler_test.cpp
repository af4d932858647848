// How arguments reach a handler, how they are refused, and how its result comes back.

#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/axis_api.hpp"
#include "api/fake_host.hpp"

namespace vagus::testing {

/// Refuses numbers by an exception of its own.
class Mark {
 public:
  void set(int value) {
    if (value < 1 || value > 5) throw std::out_of_range("there are marks from 1 to 5");
    number = value;
  }
  int number = 1;
};

}  // namespace vagus::testing

template <>
struct vagus::wire::Codec<vagus::testing::Mark> {
  static void unpack(Reader& reader, vagus::testing::Mark& mark) { mark.set(wire::unpack<int>(reader)); }
};

namespace vagus::testing {
namespace {

using Array = Value::Array;
using Map = Value::Map;

class HandlerTest : public ::testing::Test {
 protected:
  HandlerTest() { host->attach(axis); }

  /// What a handler of move_to gets, as one text.
  void handle_move_to() {
    axis.move_to.handle([this](double target, double speed, const std::string& unit) {
      got = std::to_string(target) + " " + std::to_string(speed) + " " + unit;
      return target;
    });
  }

  std::string got;
  const std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
  AxisApi axis{"axis"};
};

TEST_F(HandlerTest, gets_arguments_by_position_by_name_and_by_default) {
  handle_move_to();
  EXPECT_EQ(host->run("axis.move_to", {1.5, 2.5, "in"})->result<double>(), 1.5);
  EXPECT_EQ(got, "1.500000 2.500000 in");
  host->run("axis.move_to", {1.5});
  EXPECT_EQ(got, "1.500000 10.000000 mm");
  host->run("axis.move_to", {1.5}, {{"unit", "in"}});
  EXPECT_EQ(got, "1.500000 10.000000 in");
  host->run("axis.move_to", {}, {{"speed", 3}, {"target_mm", 4}});
  EXPECT_EQ(got, "4.000000 3.000000 mm");
}

TEST_F(HandlerTest, is_not_run_with_too_many_arguments) {
  handle_move_to();
  EXPECT_EQ(host->refusal("axis.move_to", {1, 2, "mm", 4}),
            "4 arguments were given, 3 are taken; it is axis.move_to(target_mm: double, speed: double = "
            "10.0, unit: "
            "string = \"mm\")");
  axis.home.handle([] {});
  EXPECT_EQ(host->refusal("axis.home", {1}), "1 arguments were given, 0 are taken; it is axis.home()");
  EXPECT_TRUE(got.empty());
}

TEST_F(HandlerTest, is_not_run_with_too_few_arguments) {
  handle_move_to();
  const std::string move_to =
      "; it is axis.move_to(target_mm: double, speed: double = 10.0, unit: string = \"mm\")";
  EXPECT_EQ(host->refusal("axis.move_to", {}), "\"target_mm\" is missing" + move_to);
  EXPECT_EQ(host->refusal("axis.move_to", {}, {{"speed", 1}}), "\"target_mm\" is missing" + move_to);
  axis.add.handle([](int a, int b) { return a + b; });
  EXPECT_EQ(host->refusal("axis.add", {1}), "argument 2 is missing; it is axis.add(int, int)");
  EXPECT_TRUE(got.empty());
}

TEST_F(HandlerTest, is_not_run_with_wrong_names) {
  handle_move_to();
  const std::string move_to =
      "; it is axis.move_to(target_mm: double, speed: double = 10.0, unit: string = \"mm\")";
  EXPECT_EQ(host->refusal("axis.move_to", {1}, {{"sped", 1}}), "there is no parameter \"sped\"" + move_to);
  EXPECT_EQ(host->refusal("axis.move_to", {1}, {{"", 1}}), "there is no parameter \"\"" + move_to);
  EXPECT_EQ(host->refusal("axis.move_to", {1}, {{"target_mm", 1}}),
            "\"target_mm\" is given by position and by name" + move_to);
  EXPECT_EQ(host->refusal("axis.move_to", {1}, {{"speed", 1}, {"unit", "m"}, {"speed", 2}}),
            "\"speed\" is given twice by name" + move_to);
  axis.add.handle([](int a, int b) { return a + b; });
  EXPECT_EQ(host->refusal("axis.add", {1}, {{"b", 2}}),
            "there is no parameter \"b\"; its parameters have no names; it is axis.add(int, int)");
  const std::string long_name(500, 'n');
  EXPECT_LT(host->refusal("axis.add", {1}, {{long_name, 2}}).size(), 300u);
  EXPECT_TRUE(got.empty());
}

TEST_F(HandlerTest, is_not_run_with_wrong_types) {
  handle_move_to();
  axis.add.handle([](int a, int b) { return a + b; });
  const std::string by_position = host->refusal("axis.add", {1, "two"});
  EXPECT_EQ(by_position.find("argument 2: "), 0u) << by_position;
  EXPECT_NE(by_position.find("; it is axis.add(int, int)"), std::string::npos) << by_position;
  const std::string named = host->refusal("axis.move_to", {1}, {{"speed", true}});
  EXPECT_EQ(named.find("argument 2 (speed): "), 0u) << named;
  const std::string too_large = host->refusal("axis.add", {1, std::int64_t{1} << 40});
  EXPECT_EQ(too_large.find("argument 2: "), 0u) << too_large;
  EXPECT_FALSE(host->refusal("axis.add", {nullptr, 1}).empty());
  EXPECT_FALSE(host->refusal("axis.add", {1.5, 1}).empty());
  EXPECT_TRUE(got.empty());
}

TEST_F(HandlerTest, is_not_run_with_what_the_type_of_an_argument_refuses) {
  axis.set_handler("mark", [this](Mark mark) { got = std::to_string(mark.number); });
  host->run("axis.mark", {5});
  EXPECT_EQ(got, "5");
  const std::string refusal = host->refusal("axis.mark", {6});
  EXPECT_EQ(refusal.find("argument 1: there are marks from 1 to 5"), 0u) << refusal;
  EXPECT_EQ(got, "5");
}

TEST_F(HandlerTest, may_keep_views_while_it_runs) {
  axis.set_handler("view", [](std::string_view text, std::span<const std::byte> bytes, const char* plain) {
    return std::string(text) + std::to_string(bytes.size()) + plain;
  });
  const auto call = host->run("axis.view", {"text", Bytes(3), "plain"});
  EXPECT_EQ(call->result<std::string>(), "text3plain");
}

TEST_F(HandlerTest, may_take_its_call_and_arguments_of_any_kind) {
  axis.set_handler(
      "list", [](Call& call, std::vector<int> numbers, const std::optional<std::string>& text, Value any) {
        EXPECT_EQ(call.peer().name, "caller");
        return std::to_string(numbers.size()) + text.value_or("none") + to_string(any);
      });
  EXPECT_EQ(host->run("axis.list", {Array{1, 2, 3}, nullptr, Map{{"a", 1}}})->result<std::string>(),
            "3none{\"a\": 1}");
}

TEST_F(HandlerTest, may_be_a_function_a_functor_or_a_std_function) {
  struct Functor {
    int operator()(int number) const { return number + 2; }
  };
  const std::function<int(int)> function = [](int number) { return number + 3; };
  int (*pointer)(int) = [](int number) { return number + 1; };
  axis.set_handler("pointer", pointer);
  axis.set_handler("functor", Functor());
  axis.set_handler("function", function);
  EXPECT_EQ(host->run("axis.pointer", {10})->result<int>(), 11);
  EXPECT_EQ(host->run("axis.functor", {10})->result<int>(), 12);
  EXPECT_EQ(host->run("axis.function", {10})->result<int>(), 13);
}

TEST_F(HandlerTest, of_a_declared_method_may_be_generic_and_convert_its_result) {
  axis.add.handle([](auto a, auto b) { return static_cast<short>(a + b); });
  EXPECT_EQ(host->run("axis.add", {1, 2})->result<int>(), 3);
  axis.echo.handle([](const std::string& text) { return text.c_str(); });
  EXPECT_EQ(host->run("axis.echo", {"text"})->result<std::string>(), "text");
}

TEST_F(HandlerTest, of_a_method_without_a_result_answers_nil_whatever_it_returns) {
  axis.home.handle([] { return 17; });
  EXPECT_TRUE(host->run("axis.home", {})->result<Value>().is_nil());
  axis.home.handle([] {});
  EXPECT_TRUE(host->run("axis.home", {})->result<Value>().is_nil());
}

TEST_F(HandlerTest, that_throws_answers_with_what_it_threw) {
  axis.add.handle([](int, int) -> int { throw std::out_of_range("no such axis"); });
  const auto call = host->run("axis.add", {1, 2});
  EXPECT_FALSE(call->has_result());
  EXPECT_EQ(call->thrown_text(), "no such axis");
  EXPECT_EQ(call->overs, 1);
}

TEST_F(HandlerTest, may_answer_later_and_must_do_one_or_the_other) {
  std::optional<Reply<int>> owed;
  axis.add.handle([&](Call& call, int, int) { owed.emplace(call.defer<int>()); });
  const auto call = host->run("axis.add", {1, 2});
  EXPECT_FALSE(call->answered());
  EXPECT_EQ(call->overs, 1);
  owed->complete(5);
  EXPECT_EQ(call->result<int>(), 5);
  axis.add.handle([&](Call&, int, int) {});
  EXPECT_EQ(host->run("axis.add", {1, 2})->thrown_text(),
            "the handler of axis.add returned no result, though one is due, and did not defer its reply");
}

TEST_F(HandlerTest, whose_result_is_ignored_once_it_was_deferred) {
  std::optional<Reply<int>> owed;
  axis.add.handle([&](Call& call, int, int) {
    owed.emplace(call.defer<int>());
    return 99;
  });
  const auto call = host->run("axis.add", {1, 2});
  EXPECT_FALSE(call->answered());
  owed->complete(5);
  EXPECT_EQ(call->result<int>(), 5);
}

TEST_F(HandlerTest, may_be_a_coroutine_and_ends_with_it) {
  axis.motor.turn.handle([this](int number) -> Task<int> {
    const auto add = axis.add(number, 1);
    co_return co_await add * 10;
  });
  const auto call = host->run("axis.motor.turn", {4});
  EXPECT_FALSE(call->answered());
  EXPECT_EQ(call->overs, 0);
  ASSERT_EQ(host->sent.size(), 1u);
  EXPECT_EQ(host->last().arguments, Value(Array{4, 1}));
  host->last().answer(5);
  EXPECT_EQ(call->result<int>(), 50);
  EXPECT_EQ(call->overs, 1);
}

TEST_F(HandlerTest, that_is_a_coroutine_answers_with_what_leaves_it_and_is_cancelled_with_its_call) {
  axis.motor.turn.handle([this](int) -> Task<int> {
    const auto add = axis.add(1, 1);
    co_return co_await add;
  });
  const auto failing = host->run("axis.motor.turn", {4});
  host->last().fail(make_error<OverloadedError>("too much"));
  EXPECT_EQ(failing->thrown_text(), "too much");
  EXPECT_EQ(failing->overs, 1);
  const auto cancelled = host->run("axis.motor.turn", {4});
  cancelled->request_stop();
  EXPECT_EQ(host->cancels, 1);
  EXPECT_EQ(cancelled->thrown_text(), "cancelled");
  EXPECT_EQ(cancelled->overs, 1);
}

Task<int> twice(int number) { co_return 2 * number; }

TEST_F(HandlerTest, that_returns_a_task_which_cannot_be_started_answers_with_that) {
  axis.motor.turn.handle([](int number) {
    auto task = twice(number);
    if (number == 1) task.start();
    return task;
  });
  const auto started = host->run("axis.motor.turn", {1});
  EXPECT_EQ(started->thrown_text(), "this vagus::Task was started, or moved from, before");
  EXPECT_EQ(started->overs, 1);
  EXPECT_EQ(host->run("axis.motor.turn", {2})->result<int>(), 4);
  axis.motor.turn.handle([task = twice(3)](int) mutable { return std::move(task); });
  EXPECT_EQ(host->run("axis.motor.turn", {1})->result<int>(), 6);
  const auto moved_from = host->run("axis.motor.turn", {1});
  EXPECT_NE(moved_from->thrown(), nullptr);
  EXPECT_EQ(moved_from->overs, 1);
}

}  // namespace
}  // namespace vagus::testing
