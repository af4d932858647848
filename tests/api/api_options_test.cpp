// The levels of options: library < arbitrator < root API < sub-API < method < this call.

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <vagus/api/api_proxy.hpp>

#include "api/axis_api.hpp"
#include "api/fake_host.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

class SpindleApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int()> plain{this, "plain"};
  Method<int()> special{
      this, "special", "Has options of its own.",
      MethodOptions{.timeout = 400s, .priority = Priority::high, .when_full = WhenFull::drop}};
  Event<void()> stalled{this, "stalled", "Has options of its own, too.",
                        MethodOptions{.when_full = WhenFull::drop}};
};

/// A root API with a sub-API, each with the options given.
class MillApi : public ApiBase {
 public:
  MillApi(const ApiOptions& own, const ApiOptions& sub)
      : ApiBase("mill", own), spindle(this, "spindle", sub) {}

  SpindleApi spindle;
  Method<int()> run{this, "run"};
};

class Options : public ::testing::Test {
 protected:
  Options() {
    host->on_sent = [](const Sent& sent) {
      if (sent.transaction) sent.answer(0);
    };
  }
  /// Is what was sent last to take so long at most?
  void expect_timeout(Duration timeout) const {
    const Duration left = host->last().deadline.remaining();
    EXPECT_LE(left, timeout);
    EXPECT_GT(left, timeout - 30s);
  }

  const std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
};

TEST_F(Options, are_those_of_the_library_if_nobody_says_anything) {
  host->levels = {};
  MillApi mill({}, {});
  host->attach(mill);
  mill.run().call();
  expect_timeout(default_timeout);
  EXPECT_EQ(host->last().priority, Priority::normal);
  EXPECT_EQ(host->last().when_full, WhenFull::wait);
}

TEST_F(Options, of_each_level_precede_those_of_the_levels_above) {
  host->levels = {100s, Priority::low, WhenFull::refuse};
  {
    MillApi mill({}, {});
    host->attach(mill);
    mill.run().call();
    expect_timeout(100s);
    EXPECT_EQ(host->last().priority, Priority::low);
    EXPECT_EQ(host->last().when_full, WhenFull::refuse);
  }
  const ApiOptions root{.timeout = 200s, .priority = Priority::high, .when_full = WhenFull::wait};
  {
    MillApi mill(root, {});
    host->attach(mill);
    mill.run().call();
    expect_timeout(200s);
    EXPECT_EQ(host->last().priority, Priority::high);
    EXPECT_EQ(host->last().when_full, WhenFull::wait);
    mill.spindle.plain().call();
    expect_timeout(200s);
  }
  const ApiOptions sub{.timeout = 300s, .priority = Priority::low, .when_full = WhenFull::refuse};
  MillApi mill(root, sub);
  host->attach(mill);
  mill.run().call();
  expect_timeout(200s);
  mill.spindle.plain().call();
  expect_timeout(300s);
  EXPECT_EQ(host->last().priority, Priority::low);
  EXPECT_EQ(host->last().when_full, WhenFull::refuse);
  mill.spindle.special().call();
  expect_timeout(400s);
  EXPECT_EQ(host->last().priority, Priority::high);
  EXPECT_EQ(host->last().when_full, WhenFull::drop);
  mill.spindle.special()
      .with({.timeout = 500s, .when_full = WhenFull::wait, .priority = Priority::low})
      .call();
  expect_timeout(500s);
  EXPECT_EQ(host->last().priority, Priority::low);
  EXPECT_EQ(host->last().when_full, WhenFull::wait);
  mill.spindle.special()
      .with({.timeout = 500s, .when_full = WhenFull::wait, .priority = Priority::low})
      .call({.timeout = 600s, .when_full = WhenFull::refuse, .priority = Priority::normal});
  expect_timeout(600s);
  EXPECT_EQ(host->last().priority, Priority::normal);
  EXPECT_EQ(host->last().when_full, WhenFull::refuse);
}

TEST_F(Options, are_each_taken_from_the_nearest_level_that_has_it) {
  host->levels = {100s, Priority::low, WhenFull::refuse};
  MillApi mill({.priority = Priority::high}, {.timeout = 300s});
  host->attach(mill);
  mill.spindle.plain().call({.when_full = WhenFull::drop});
  expect_timeout(300s);
  EXPECT_EQ(host->last().priority, Priority::high);
  EXPECT_EQ(host->last().when_full, WhenFull::drop);
  mill.spindle.plain().call();
  EXPECT_EQ(host->last().when_full, WhenFull::refuse);
}

TEST_F(Options, of_one_call_do_not_stick_to_the_next) {
  MillApi mill({.timeout = 200s}, {});
  host->attach(mill);
  const auto action = mill.run();
  action.call({.timeout = 900s, .priority = Priority::high});
  expect_timeout(900s);
  action.call();
  expect_timeout(200s);
  EXPECT_EQ(host->last().priority, Priority::normal);
  action.async({.timeout = 800s}).get();
  expect_timeout(800s);
  action.async().get();
  expect_timeout(200s);
}

TEST_F(Options, hold_for_what_is_posted) {
  MillApi mill({.timeout = 200s}, {.priority = Priority::high});
  host->attach(mill);
  mill.spindle.plain().post();
  expect_timeout(200s);
  EXPECT_EQ(host->last().priority, Priority::high);
  mill.spindle.stalled().post();
  EXPECT_EQ(host->last().when_full, WhenFull::drop);
  mill.spindle.stalled().post({.timeout = 700s, .when_full = WhenFull::wait, .priority = Priority::low});
  expect_timeout(700s);
  EXPECT_EQ(host->last().priority, Priority::low);
  EXPECT_EQ(host->last().when_full, WhenFull::wait);
}

TEST_F(Options, of_a_call_by_name_begin_with_the_arbitrator) {
  host->levels = {100s, Priority::high, WhenFull::drop};
  const ApiProxy proxy("mill", host);
  proxy.action("run").call<int>();
  expect_timeout(100s);
  EXPECT_EQ(host->last().priority, Priority::high);
  EXPECT_EQ(host->last().when_full, WhenFull::drop);
  EXPECT_EQ(host->last().root, nullptr);
  proxy.action("run").call<int>({.timeout = 600s});
  expect_timeout(600s);
}

TEST_F(Options, may_say_that_a_call_takes_for_ever_or_no_time_at_all) {
  MillApi mill({.timeout = no_timeout}, {});
  host->attach(mill);
  mill.run().call();
  EXPECT_TRUE(host->last().deadline.is_never());
  mill.run().call({.timeout = -1s});
  EXPECT_TRUE(host->last().deadline.passed());
  mill.run().call({.timeout = Duration::max() - Duration(1)});  // more than the clock can hold
  EXPECT_TRUE(host->last().deadline.is_never());
}

/// What a call made inside a handler inherits.
class InHandler : public Options {
 protected:
  InHandler() {
    context->deadline = Deadline::after(50s);
    context->priority = Priority::low;
  }
  const std::shared_ptr<detail::CallContext> context = std::make_shared<detail::CallContext>();
};

TEST_F(InHandler, a_call_ends_at_the_latest_with_the_one_that_is_handled) {
  MillApi mill({.timeout = no_timeout}, {.timeout = 10s});
  host->attach(mill);
  const detail::ContextScope scope(context.get(), true);
  mill.run().call();
  EXPECT_EQ(host->last().deadline, context->deadline);
  mill.run().call({.timeout = 500s});
  EXPECT_EQ(host->last().deadline, context->deadline);
  mill.run().post();
  EXPECT_EQ(host->last().deadline, context->deadline);
  mill.spindle.plain().call();
  EXPECT_LT(host->last().deadline, context->deadline);
}

TEST_F(InHandler, a_call_has_its_priority_unless_its_own_says_otherwise) {
  host->levels = {100s, Priority::high, WhenFull::wait};
  MillApi mill({}, {.priority = Priority::normal});
  host->attach(mill);
  const detail::ContextScope scope(context.get(), true);
  mill.run().call();
  EXPECT_EQ(host->last().priority, Priority::low);  // rather than what the arbitrator says of all calls
  mill.spindle.plain().call();
  EXPECT_EQ(host->last().priority, Priority::normal);
  mill.run().call({.priority = Priority::high});
  EXPECT_EQ(host->last().priority, Priority::high);
  mill.run().post();
  EXPECT_EQ(host->last().priority, Priority::low);
}

TEST_F(InHandler, nothing_is_left_of_it_afterwards) {
  MillApi mill({}, {});
  host->attach(mill);
  {
    const detail::ContextScope scope(context.get(), true);
    mill.run().call({.timeout = 500s});
    EXPECT_EQ(host->last().deadline, context->deadline);
  }
  mill.run().call({.timeout = 500s});
  expect_timeout(500s);
}

TEST_F(Options, of_a_root_api_are_kept_for_its_host) {
  const AxisApi axis("axis", {.workers = 7, .serial = true, .queue = 9});
  EXPECT_EQ(root_of(axis)->options().workers, 7u);
  EXPECT_EQ(root_of(axis)->options().queue, 9u);
  EXPECT_TRUE(root_of(axis)->options().serial);
  EXPECT_FALSE(root_of(axis)->options().defaults().timeout.has_value());
}

}  // namespace
}  // namespace vagus::testing
