#include <chrono>

#include <gtest/gtest.h>

#include <vagus/core/time_text.hpp>

namespace vagus {
namespace {

using namespace std::chrono_literals;

TEST(TimeText, is_a_whole_number_and_a_unit) {
  EXPECT_EQ(time_from_text("500ms"), Duration(500ms));
  EXPECT_EQ(time_from_text("30s"), Duration(30s));
  EXPECT_EQ(time_from_text("5min"), Duration(5min));
  EXPECT_EQ(time_from_text("1h"), Duration(1h));
  EXPECT_EQ(time_from_text("1000000h"), Duration(1'000'000h));
}

TEST(TimeText, may_be_nothing_where_that_is_said) {
  EXPECT_EQ(time_from_text("0s", 0), Duration(0s));
  EXPECT_EQ(time_from_text("0min", 0), Duration(0s));
  EXPECT_FALSE(time_from_text("-1s", 0));
}

TEST(TimeText, is_nothing_else) {
  for (const char* wrong :
       {"", "5", "s", "5 s", "0s", "-1s", "1.5s", "5sec", "1000001ms", "99999999999999999999s"})
    EXPECT_FALSE(time_from_text(wrong)) << wrong;
}

}  // namespace
}  // namespace vagus
