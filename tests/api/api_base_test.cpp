// What may be declared, and under which names.

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "api/axis_api.hpp"
#include "api/fake_host.hpp"

namespace vagus::testing {
namespace {

/// The text with which something is refused.
template <typename Function>
std::string refusal_of(Function&& declare) {
  try {
    declare();
    return "nothing was thrown";
  } catch (const ApiParamError& error) {
    return error.what();
  }
}

TEST(ApiBase, names_what_belongs_to_it_by_its_place_in_the_tree) {
  const AxisApi axis("mill.x");
  EXPECT_EQ(axis.name_space(), "mill.x");
  EXPECT_EQ(axis.motor.name_space(), "mill.x.motor");
  EXPECT_EQ(axis.motor.turn.name_space(), "mill.x.motor.turn");
  EXPECT_EQ(axis.moved.name_space(), "mill.x.moved");
  EXPECT_EQ(axis.add(1, 2).name_space(), "mill.x.add");
  EXPECT_EQ(root_of(axis), root_of(axis.motor));
}

TEST(ApiBase, refuses_what_is_no_name_and_says_which) {
  EXPECT_NE(refusal_of([] { AxisApi("mill..x"); }).find("the API's namespace \"mill..x\""),
            std::string::npos);
  EXPECT_NE(refusal_of([] { AxisApi(""); }).find("it is empty"), std::string::npos);
  EXPECT_NE(refusal_of([] { AxisApi("$mill"); }).find("it begins with '$'"), std::string::npos);
  AxisApi axis("axis");
  EXPECT_NE(refusal_of([&] { MotorApi(&axis, "a.b"); }).find("the sub-API's name \"a.b\""),
            std::string::npos);
  EXPECT_NE(refusal_of([&] { Method<void()>(&axis, "re-start"); }).find("the method's name \"re-start\""),
            std::string::npos);
  EXPECT_NE(refusal_of([&] { Event<void()>(&axis, "9th"); }).find("the event's name \"9th\""),
            std::string::npos);
  EXPECT_THROW(static_cast<void>(params("no name")), ApiParamError);
  EXPECT_THROW(static_cast<void>(param("", 1)), ApiParamError);
}

TEST(ApiBase, refuses_names_that_are_too_long_only_together) {
  AxisApi axis(std::string(600, 'a'));
  const std::string long_name(600, 'b');
  EXPECT_THROW(axis.set_handler(long_name, [] {}), ApiParamError);
  EXPECT_THROW(axis.clear_handler(long_name), ApiParamError);
  EXPECT_THROW(MotorApi(&axis, long_name), ApiParamError);
  EXPECT_THROW(Event<void()>(&axis, long_name), ApiParamError);
  EXPECT_NE(refusal_of([&] { Method<void()>(&axis, long_name); }).find("1201 bytes of at most 1024"),
            std::string::npos);
}

TEST(ApiBase, refuses_a_name_that_is_taken) {
  AxisApi axis("axis");
  EXPECT_EQ(refusal_of([&] { Method<void()>(&axis, "add"); }), "axis.add is declared twice in one API");
  EXPECT_EQ(refusal_of([&] { Event<void()>(&axis, "moved"); }), "axis.moved is declared twice in one API");
  EXPECT_EQ(refusal_of([&] { Method<void()>(&axis.motor, "turn"); }),
            "axis.motor.turn is declared twice in one API");
  {
    const Method<void()> brief(&axis, "brief");
    EXPECT_EQ(refusal_of([&] { Method<void()>(&axis, "brief"); }), "axis.brief is declared twice in one API");
  }
  EXPECT_NO_THROW(Method<void()>(&axis, "brief"));
}

TEST(ApiBase, refuses_a_second_sub_api_of_one_name) {
  AxisApi axis("axis");
  EXPECT_THROW(MotorApi(&axis, "motor"), ApiParamError);
  class Empty : public ApiBase {
   public:
    using ApiBase::ApiBase;
  };
  const Empty first(&axis, "empty");
  EXPECT_THROW(Empty(&axis, "empty"), ApiParamError);
}

TEST(ApiBase, refuses_members_that_belong_to_nobody) {
  EXPECT_EQ(refusal_of([] { Method<void()>(nullptr, "lost"); }),
            "\"lost\" was declared without an API to belong to; pass `this`");
  EXPECT_EQ(refusal_of([] { MotorApi(nullptr, "lost"); }),
            "\"lost\" was declared without an API to belong to; pass `this`");
}

TEST(ApiBase, refuses_parameters_that_do_not_fit_their_method) {
  AxisApi axis("axis");
  EXPECT_EQ(refusal_of([&] { Method<void(int, int)>(&axis, "f", "", params("one")); }),
            "axis.f has 2 parameters, but params(...) names 1");
  EXPECT_EQ(refusal_of([&] { Method<void()>(&axis, "f", "", params("one")); }),
            "axis.f has 0 parameters, but params(...) names 1");
  EXPECT_EQ(refusal_of([&] { Method<void(int, Default<int>)>(&axis, "f", "", params("one", "two")); }),
            "parameter 2 of axis.f is a Default<>, but has no value: give it one with params(..., "
            "param(name, value))");
  EXPECT_EQ(refusal_of([&] { Method<void(Default<int>)>(&axis, "f"); }),
            "parameter 1 of axis.f is a Default<>, but has no value: give it one with params(..., "
            "param(name, value))");
  EXPECT_EQ(
      refusal_of([&] { Method<void(Default<int>, int)>(&axis, "f", "", params(param("one", 1), "two")); }),
      "parameter 2 of axis.f follows a Default<> and has to be one too");
  EXPECT_NO_THROW((Method<void(int, Default<int>)>(&axis, "f", "", params("one", param("two", 2)))));
}

TEST(ApiBase, knows_of_each_member_what_was_declared) {
  const AxisApi axis("axis");
  const auto move_to = root_of(axis)->declared("axis.move_to");
  ASSERT_NE(move_to, nullptr);
  EXPECT_EQ(move_to->docs, "Moves the axis.");
  EXPECT_FALSE(move_to->event);
  EXPECT_EQ(move_to->signature.to_string(), "(double, double, string) -> double");
  ASSERT_EQ(move_to->parameters.size(), 3u);
  EXPECT_EQ(move_to->parameters[0].name, "target_mm");
  EXPECT_EQ(move_to->parameters[0].type, "double");
  EXPECT_FALSE(move_to->parameters[0].default_value.has_value());
  EXPECT_EQ(move_to->parameters[2].type, "string");
  EXPECT_EQ(move_to->parameters[2].default_value, wire::to_bytes(std::string("mm")));
  EXPECT_TRUE(root_of(axis)->declared("axis.moved")->event);
  EXPECT_EQ(root_of(axis)->declared("axis.motor.stop")->signature.to_string(), "() -> void");
  EXPECT_EQ(root_of(axis)->declared("axis.motor"), nullptr);
  EXPECT_EQ(root_of(axis)->declared("nix"), nullptr);
}

/// Keeps to itself what its outermost serial API, or the method, says.
class PressApi : public ApiBase {
 public:
  PressApi(const ApiOptions& own, const ApiOptions& sub) : ApiBase("press", own), inner(this, "inner", sub) {}

  MotorApi inner;
  Method<void()> close{this, "close"};
  Method<void()> ram{this, "ram", "", MethodOptions{.serial = true}};
  std::string scope_of(const std::string& name) const { return root_of(*this)->declared(name)->serial_scope; }
};

TEST(ApiBase, is_serial_as_far_as_it_says) {
  const PressApi loose({}, {});
  EXPECT_EQ(loose.scope_of("press.close"), "");
  EXPECT_EQ(loose.scope_of("press.ram"), "press.ram");
  const PressApi inner({}, {.serial = true});
  EXPECT_EQ(inner.scope_of("press.close"), "");
  EXPECT_EQ(inner.scope_of("press.inner.turn"), "press.inner");
  const PressApi all({.serial = true}, {.serial = true});
  for (const char* name : {"press.close", "press.ram", "press.inner.turn"})
    EXPECT_EQ(all.scope_of(name), "press");
}

TEST(ApiBase, detaches_itself_when_it_goes) {
  const auto host = std::make_shared<FakeHost>();
  {
    AxisApi axis("axis");
    axis.add.handle([](int a, int b) { return a + b; });
    host->attach(axis);
  }
  EXPECT_EQ(host->told, (std::vector<std::string>{"claim axis.add", "detach axis"}));
  EXPECT_TRUE(host->handled.empty());
}

TEST(ApiBase, outlives_nothing_that_a_kept_action_needs) {
  const auto host = std::make_shared<FakeHost>();
  auto axis = std::make_unique<AxisApi>("axis");
  host->attach(*axis);
  const auto action = axis->add(1, 2);
  const auto pending = action.async();
  axis.reset();
  EXPECT_THROW(action.call(), TransportDisconnectedError);
  EXPECT_EQ(action.name_space(), "axis.add");
  host->last().answer(3);
  EXPECT_EQ(pending.get(), 3);
}

}  // namespace
}  // namespace vagus::testing
