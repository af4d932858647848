#include "supervised/restart_plan.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;
using transport::supervised::RestartPlan;

const TimePoint start{1h};

TEST(RestartPlan, begins_at_once_and_doubles_its_pauses) {
  RestartPlan plan(5, 10s, 100ms);
  EXPECT_EQ(plan.next(start), Duration(0ms));
  EXPECT_EQ(plan.next(start), Duration(100ms));
  EXPECT_EQ(plan.next(start), Duration(200ms));
  EXPECT_EQ(plan.next(start), Duration(400ms));
  EXPECT_EQ(plan.next(start), Duration(800ms));
  EXPECT_EQ(plan.next(start), std::nullopt);
}

TEST(RestartPlan, forgets_what_is_longer_ago_than_its_time) {
  RestartPlan plan(2, 10s, 100ms);
  EXPECT_EQ(plan.next(start), Duration(0ms));
  EXPECT_EQ(plan.next(start + 6s), Duration(100ms));
  EXPECT_EQ(plan.next(start + 10s), Duration(100ms));
  EXPECT_EQ(plan.next(start + 15s), std::nullopt);
  EXPECT_EQ(plan.next(start + 60s), Duration(0ms));
}

TEST(RestartPlan, allows_none_or_any_number) {
  EXPECT_EQ(RestartPlan(0, 10s, 0ms).next(start), std::nullopt);
  RestartPlan plan(~0u, 10s, 1s);
  Duration longest{};
  for (int i = 0; i < 100; ++i) longest = std::max(longest, plan.next(start).value());
  EXPECT_EQ(longest, Duration(5s));
}

}  // namespace
}  // namespace vagus::testing
