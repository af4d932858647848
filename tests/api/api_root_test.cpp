// Handlers and hooks: how they come, which one counts, and how they go.

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "api/axis_api.hpp"
#include "api/fake_host.hpp"

namespace vagus::testing {
namespace {

using Told = std::vector<std::string>;

struct AddAndEcho {
  VAGUS_HANDLERS(add, echo)
  int _handler_add(int a, int b) { return a + b; }
  std::string _handler_echo(const std::string& text) const { return text; }
};

struct AddOnly {
  VAGUS_HANDLERS(add)
  int _handler_add(Call& call, int a, int b) { return call.id() ? a - b : 0; }
};

// What AxisApi does not declare, or not so.

struct Unknown {
  VAGUS_HANDLERS(add, fly)
  int _handler_add(int a, int b) { return a + b; }
  void _handler_fly() {}
};

struct WrongTypes {
  VAGUS_HANDLERS(echo, add)
  std::string _handler_echo(std::string text) { return text; }
  double _handler_add(int a, int b) { return a + b; }
};

struct OfAnEvent {
  VAGUS_HANDLERS(moved)
  void _handler_moved(double) {}
};

class ApiRootTest : public ::testing::Test {
 protected:
  template <typename Function>
  std::string refusal_of(Function&& change) {
    try {
      change();
      return "nothing was thrown";
    } catch (const Error& error) {
      return error.what();
    }
  }

  const std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
  AxisApi axis{"axis"};
};

TEST_F(ApiRootTest, tells_its_host_of_what_was_there_before_and_of_what_comes_and_goes) {
  axis.add.handle([](int, int) { return 1; });
  const auto early = axis.moved.subscribe([](double) {});
  EXPECT_TRUE(host->told.empty());
  host->attach(axis);
  EXPECT_EQ(host->told, (Told{"claim axis.add", "listen axis.moved"}));
  host->told.clear();
  axis.motor.set_handler("turn", [](int number) { return number; });
  axis.add.clear();
  EXPECT_EQ(host->told, (Told{"claim axis.motor.turn", "unclaim axis.add"}));
}

TEST_F(ApiRootTest, tells_of_a_name_once_however_many_handle_it_in_turn) {
  host->attach(axis);
  AddAndEcho object;
  auto serving = serve(axis, object);
  axis.add.handle([](int, int) { return 100; });
  axis.add.handle([](int, int) { return 200; });
  EXPECT_EQ(host->told, (Told{"claim axis.add", "claim axis.echo"}));
  EXPECT_EQ(host->run("axis.add", {1, 2})->result<int>(), 200);
  axis.add.clear();
  EXPECT_EQ(host->run("axis.add", {1, 2})->result<int>(), 3);
  axis.add.clear();
  EXPECT_EQ(host->run("axis.add", {1, 2})->result<int>(), 3);
  host->told.clear();
  axis.add.handle([](int, int) { return 300; });
  serving.reset();
  EXPECT_EQ(host->told, (Told{"unclaim axis.echo"}));
  EXPECT_EQ(host->run("axis.add", {1, 2})->result<int>(), 300);
  axis.add.clear();
  EXPECT_EQ(host->told, (Told{"unclaim axis.echo", "unclaim axis.add"}));
}

TEST_F(ApiRootTest, serves_an_object_with_or_without_a_look_when_it_is_compiled) {
  host->attach(axis);
  AddAndEcho object;
  AddOnly another;
  {
    const auto serving = axis.serve(object);
    EXPECT_EQ(host->run("axis.add", {5, 2})->result<int>(), 7);
    EXPECT_EQ(host->run("axis.echo", {"text"})->result<std::string>(), "text");
  }
  EXPECT_TRUE(host->handled.empty());
  const auto serving = serve(axis, another);
  EXPECT_EQ(host->run("axis.add", {5, 2})->result<int>(), 3);
}

TEST_F(ApiRootTest, serves_all_of_an_object_or_nothing) {
  host->attach(axis);
  AddAndEcho object;
  AddOnly another;
  {
    const auto serving = axis.serve(another);
    EXPECT_EQ(refusal_of([&] { static_cast<void>(axis.serve(object)); }),
              "axis.add is served by another object already");
    EXPECT_EQ(host->handled.count("axis.echo"), 0u);
    EXPECT_EQ(host->run("axis.add", {5, 2})->result<int>(), 3);
  }
  host->taken = {"axis.echo"};
  EXPECT_EQ(refusal_of([&] { static_cast<void>(axis.serve(object)); }), "axis.echo is taken");
  EXPECT_TRUE(host->handled.empty());
  axis.add.handle([](int, int) { return 100; });
  EXPECT_THROW(static_cast<void>(axis.serve(object)), MultipleApiResponseError);
  EXPECT_EQ(host->run("axis.add", {1, 2})->result<int>(), 100);
  host->taken.clear();
  const auto serving = axis.serve(object);
  axis.add.clear();
  EXPECT_EQ(host->run("axis.add", {1, 2})->result<int>(), 3);
}

TEST_F(ApiRootTest, runs_nothing_of_an_object_that_it_could_not_serve) {
  host->attach(axis);
  AddAndEcho object;
  std::shared_ptr<detail::Handler> found;
  host->on_claim = [&](const std::string& name_space) {
    if (name_space == "axis.echo") found = host->handled.at("axis.add").slot->handler();
  };
  host->taken = {"axis.echo"};
  EXPECT_THROW(static_cast<void>(axis.serve(object)), MultipleApiResponseError);
  ASSERT_NE(found, nullptr);  // by a request that came meanwhile
  EXPECT_FALSE(found->gate().enter());
}

TEST_F(ApiRootTest, serves_only_what_is_declared_as_it_is_declared) {
  host->attach(axis);
  Unknown unknown;
  WrongTypes wrong;
  OfAnEvent of_an_event;
  EXPECT_EQ(refusal_of([&] { static_cast<void>(axis.serve(unknown)); }),
            "axis.fly is to be served, but the API does not declare it");
  EXPECT_EQ(
      refusal_of([&] { static_cast<void>(axis.serve(wrong)); }),
      "the handler of axis.add is (int, int) -> double, but the method was declared as (int, int) -> int");
  EXPECT_EQ(refusal_of([&] { static_cast<void>(axis.serve(of_an_event)); }),
            "axis.moved is an event: subscribe to it instead of handling it");
  EXPECT_TRUE(host->handled.empty());
  EXPECT_TRUE(host->told.empty());
}

TEST_F(ApiRootTest, checks_what_is_set_by_name_against_what_is_declared) {
  EXPECT_EQ(
      refusal_of([&] { axis.set_handler("add", [](int, double) { return 1; }); }),
      "the handler of axis.add is (int, double) -> int, but the method was declared as (int, int) -> int");
  EXPECT_EQ(refusal_of([&] { axis.set_handler("motor.turn", [](int) {}); }),
            "nothing was thrown");  // may defer
  EXPECT_EQ(refusal_of([&] { axis.set_handler("moved", [](double) {}); }),
            "axis.moved is an event: subscribe to it instead of handling it");
  EXPECT_THROW(axis.set_handler("a-b", [] {}), ApiParamError);
  EXPECT_THROW(axis.clear_handler(""), ApiParamError);
  axis.clear_handler("never.set");
}

TEST_F(ApiRootTest, handles_what_was_never_declared_if_told_so) {
  host->attach(axis);
  axis.set_handler("motor.boost", [](int a, int b, int c) { return a + b + c; });
  EXPECT_EQ(host->run("axis.motor.boost", {1, 2, 3})->result<int>(), 6);
  EXPECT_EQ(host->refusal("axis.motor.boost", {1, 2}),
            "argument 3 is missing; it is axis.motor.boost(int, int, int)");
  axis.motor.clear_handler("boost");
  EXPECT_TRUE(host->handled.empty());
}

TEST_F(ApiRootTest, keeps_the_former_state_if_a_name_is_taken) {
  host->attach(axis);
  host->taken = {"axis.add"};
  EXPECT_THROW(axis.add.handle([](int, int) { return 1; }), MultipleApiResponseError);
  host->taken.clear();
  EXPECT_TRUE(host->handled.empty());
  axis.add.handle([](int, int) { return 2; });
  EXPECT_EQ(host->run("axis.add", {0, 0})->result<int>(), 2);
}

TEST_F(ApiRootTest, is_attached_with_all_of_its_handlers_or_not_at_all) {
  axis.add.handle([](int, int) { return 1; });
  axis.motor.turn.handle([](int) { return 1; });
  host->taken = {"axis.motor.turn"};
  EXPECT_THROW(host->attach(axis), MultipleApiResponseError);
  EXPECT_TRUE(host->handled.empty());
  EXPECT_EQ(root_of(axis)->host(), nullptr);
  EXPECT_THROW(axis.add(1, 2).call(), TransportDisconnectedError);
  axis.motor.turn.clear();
  host->attach(axis);
  EXPECT_EQ(host->handled.size(), 1u);
}

TEST_F(ApiRootTest, is_attached_once_at_a_time) {
  const auto other = std::make_shared<FakeHost>();
  host->attach(axis);
  EXPECT_EQ(refusal_of([&] { host->attach(axis); }), "axis is attached to this ApiArb already");
  EXPECT_EQ(refusal_of([&] { other->attach(axis); }),
            "axis is attached to another ApiArb: detach it there first");
  host->detach(*root_of(axis));
  other->attach(axis);
  EXPECT_EQ(root_of(axis)->host(), other);
}

TEST_F(ApiRootTest, lets_registrations_outlive_it) {
  Registration serving;
  Registration subscription;
  AddAndEcho object;
  {
    AxisApi brief("brief");
    host->attach(brief);
    serving = brief.serve(object);
    subscription = brief.moved.subscribe([](double) {});
  }
  EXPECT_TRUE(serving);
  serving.reset();
  EXPECT_FALSE(serving);
  subscription.reset();
  EXPECT_TRUE(host->handled.empty());
}

TEST_F(ApiRootTest, knows_the_subscribers_of_an_event_and_listens_while_there_are_any) {
  host->attach(axis);
  auto first = axis.moved.subscribe([](double) {});
  auto second = axis.moved.subscribe([](Call&, double) {}, {.concurrent = true});
  EXPECT_EQ(host->told, (Told{"listen axis.moved"}));
  const auto subscribers = root_of(axis)->subscribers("axis.moved");
  ASSERT_EQ(subscribers->all.size(), 2u);
  EXPECT_FALSE(subscribers->all[0].concurrent);
  EXPECT_TRUE(subscribers->all[1].concurrent);
  first.reset();
  EXPECT_EQ(host->told, (Told{"listen axis.moved"}));
  EXPECT_EQ(root_of(axis)->subscribers("axis.moved")->all.size(), 1u);
  second.reset();
  EXPECT_EQ(host->told, (Told{"listen axis.moved", "unlisten axis.moved"}));
  EXPECT_EQ(root_of(axis)->subscribers("axis.moved"), nullptr);
  EXPECT_EQ(root_of(axis)->subscribers("axis.nix"), nullptr);
}

TEST_F(ApiRootTest, finds_the_hooks_from_the_nearest_api_upwards) {
  const auto hook = [](int number) {
    return [number](Call&, const UnhandledCall&) -> std::optional<Value> { return Value(number); };
  };
  const auto answers = [this](std::string_view name_space) {
    std::vector<std::int64_t> all;
    FakeCall call{std::string(name_space)};
    for (const auto& one : root_of(axis)->unhandled_hooks(name_space)) {
      all.push_back(one(call.call(), {name_space, {}, {}})->integer());
    }
    return all;
  };
  EXPECT_TRUE(answers("axis.motor.nix").empty());
  axis.on_unhandled(hook(1));
  axis.motor.on_unhandled(hook(2));
  EXPECT_EQ(answers("axis.motor.nix"), (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(answers("axis.motor.deep.er"), (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(answers("axis.nix"), std::vector<std::int64_t>{1});
  EXPECT_EQ(answers("axis.motor"), std::vector<std::int64_t>{1});
  EXPECT_EQ(answers("axis.motorway.nix"), std::vector<std::int64_t>{1});
  axis.motor.on_unhandled({});
  EXPECT_EQ(answers("axis.motor.nix"), std::vector<std::int64_t>{1});
  axis.on_unhandled(hook(3));
  EXPECT_EQ(answers("axis.nix"), std::vector<std::int64_t>{3});
}

TEST_F(ApiRootTest, takes_no_hook_whose_answer_is_only_convertible) {
  const auto says_no = [](Call&, const UnhandledCall&) { return false; };
  const auto leaves_it = [](Call&, const UnhandledCall&) { return std::optional<Value>(); };
  static_assert(!std::is_constructible_v<UnhandledHook, decltype(says_no)>);
  static_assert(std::is_constructible_v<UnhandledHook, decltype(leaves_it)>);
}

}  // namespace
}  // namespace vagus::testing
