#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class Unhandled : public Conformance {};

TEST_P(Unhandled, calls_go_to_the_nearest_api_up_the_tree_that_has_a_hook) {
  Pair pair(url());
  pair.served.on_unhandled(
      [](Call&, const UnhandledCall&) -> std::optional<Value> { return Value(std::int64_t{1}); });
  EXPECT_EQ(pair.head.proxy("sample.part").action("x").call<int>(), 1);
  pair.served.part.on_unhandled(
      [](Call&, const UnhandledCall&) -> std::optional<Value> { return Value(std::int64_t{2}); });
  EXPECT_EQ(pair.head.proxy("sample.part").action("x").call<int>(), 2);
  EXPECT_EQ(pair.head.proxy("sample").action("x").call<int>(), 1);
  EXPECT_EQ(pair.called.add(20, 1).call(), 21);  // handled: no hook
  pair.served.part.on_unhandled({});
  EXPECT_EQ(pair.head.proxy("sample.part").action("x").call<int>(), 1);
}

class GrandchildApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  Method<int()> known{this, "known"};
};

class ChildApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  GrandchildApi inner{this, "inner"};
};

class RootApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  ChildApi middle{this, "middle"};
};

TEST_P(Unhandled, calls_at_each_of_three_levels_go_to_the_hook_of_their_level) {
  RootApi root("outer");
  ApiArb body(listen(url()), {.name = "body"});
  ApiArb head(connect(url()), {.name = "head"});
  body.attach(root);
  body.start();
  const auto answer = [](std::int64_t number) {
    return [number](Call&, const UnhandledCall&) -> std::optional<Value> { return Value(number); };
  };
  root.on_unhandled(answer(1));
  root.middle.on_unhandled(answer(2));
  root.middle.inner.on_unhandled(answer(3));
  EXPECT_EQ(head.proxy("outer").action("x").call<int>(), 1);
  EXPECT_EQ(head.proxy("outer.middle").action("x").call<int>(), 2);
  EXPECT_EQ(head.proxy("outer.middle.inner").action("x").call<int>(), 3);
  EXPECT_EQ(head.proxy("outer.middle.inner").action("known").call<int>(), 3);
  EXPECT_EQ(head.proxy("outer.middle.inner.deeper").action("x").call<int>(), 3);
  root.middle.inner.on_unhandled({});
  root.middle.on_unhandled({});
  EXPECT_EQ(head.proxy("outer.middle.inner").action("x").call<int>(), 1);
}

TEST_P(Unhandled, calls_that_were_given_up_meanwhile_reach_no_hook) {
  Tally asked;
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.served.on_unhandled([&](Call&, const UnhandledCall&) -> std::optional<Value> {
    asked.add();
    return Value(std::int64_t{1});
  });
  const auto holding = pair.called.work(0).async();
  ASSERT_TRUE(stage.await(1));
  const auto dropped = pair.head.proxy("sample").action("x").as<int>().async();
  dropped.cancel();
  const auto kept = pair.head.proxy("sample").action("x").as<int>().async();
  Pulse pulse(pair);
  pulse.beat();  // what was sent before has arrived
  stage.open();
  EXPECT_EQ(kept.get(), 1);
  EXPECT_EQ(asked.count(), 1u);
}

TEST_P(Unhandled, calls_that_a_hook_leaves_go_to_the_one_above_it) {
  Notes asked;
  Pair pair(url());
  pair.served.part.on_unhandled([&](Call&, const UnhandledCall& call) -> std::optional<Value> {
    asked.add("part " + std::string(call.name_space));
    return std::nullopt;
  });
  pair.served.on_unhandled([&](Call&, const UnhandledCall&) -> std::optional<Value> {
    asked.add("sample");
    return std::nullopt;
  });
  pair.body.on_unhandled([&](Call&, const UnhandledCall&) -> std::optional<Value> {
    asked.add("arb");
    return Value(std::int64_t{3});
  });
  EXPECT_EQ(pair.head.proxy("sample.part").action("x").call<int>(), 3);
  EXPECT_EQ(asked.lines(), (std::vector<std::string>{"part sample.part.x", "sample", "arb"}));
}

TEST_P(Unhandled, calls_that_no_hook_takes_get_their_error) {
  Pair pair(url());
  pair.served.on_unhandled([](Call&, const UnhandledCall&) -> std::optional<Value> { return std::nullopt; });
  pair.body.on_unhandled([](Call&, const UnhandledCall&) -> std::optional<Value> { return std::nullopt; });
  EXPECT_EQ(error_of(pair.called.part.idle())->code(), ErrorCode::unsupported_api);
  EXPECT_EQ(error_of(pair.head.proxy("press").action("x").as<void>())->code(), ErrorCode::unknown_api);
}

TEST_P(Unhandled, calls_to_what_nobody_owns_go_to_the_hook_of_the_arbitrator) {
  Pair pair(url());
  pair.body.on_unhandled([](Call&, const UnhandledCall& call) -> std::optional<Value> {
    return Value(std::string(call.name_space));
  });
  EXPECT_EQ(pair.head.proxy("press").action("close").call<std::string>(), "press.close");
  pair.body.on_unhandled({});
  EXPECT_EQ(error_of(pair.head.proxy("press").action("close").as<void>())->code(), ErrorCode::unknown_api);
}

TEST_P(Unhandled, calls_bring_their_arguments_and_who_calls) {
  Notes seen;
  Pair pair(url());
  pair.served.on_unhandled([&](Call& call, const UnhandledCall& unhandled) -> std::optional<Value> {
    seen.add(call.peer().name + " " + to_string(unhandled.arguments) + " " + to_string(unhandled.named));
    return Value(true);
  });
  EXPECT_TRUE(pair.head.proxy("sample").action("x", 1, "two", kw("three", 3)).call<bool>());
  ASSERT_EQ(seen.lines().size(), 1u);
  const std::string line = seen.lines()[0];
  EXPECT_EQ(line.find("head "), 0u) << line;
  EXPECT_NE(line.find("two"), std::string::npos) << line;
  EXPECT_NE(line.find("three"), std::string::npos) << line;
}

TEST_P(Unhandled, a_hook_may_throw_as_a_handler_may) {
  Pair pair(url());
  pair.served.on_unhandled([](Call&, const UnhandledCall&) -> std::optional<Value> {
    throw std::out_of_range("not even the hook");
  });
  EXPECT_THROW(pair.called.part.idle().call(), std::out_of_range);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(Unhandled, unsolicited_calls_reach_the_hook_too) {
  Flag seen;
  Pair pair(url());
  pair.served.on_unhandled([&](Call& call, const UnhandledCall&) -> std::optional<Value> {
    EXPECT_FALSE(call.id());
    seen.raise();
    return Value();
  });
  pair.called.part.idle().post();
  EXPECT_TRUE(seen.await());
  EXPECT_EQ(pair.body.stats().messages_unhandled, 0u);
}

TEST_P(Unhandled, a_hook_may_end_itself) {
  Pair pair(url());
  pair.served.on_unhandled([&](Call&, const UnhandledCall&) -> std::optional<Value> {
    pair.served.on_unhandled({});
    return Value(std::int64_t{1});
  });
  EXPECT_EQ(pair.head.proxy("sample").action("x").call<int>(), 1);
  EXPECT_EQ(error_of(pair.head.proxy("sample").action("x").as<int>())->code(), ErrorCode::unsupported_api);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Unhandled);

}  // namespace
}  // namespace vagus::testing
