#include "name_pattern.hpp"

#include <gtest/gtest.h>

#include <vagus/core/error.hpp>

namespace vagus::testing {
namespace {

bool matches(std::string_view pattern, std::string_view name_space) {
  return NamePattern(pattern).matches(name_space);
}

TEST(NamePattern, without_stars_is_the_name_itself) {
  EXPECT_TRUE(matches("machine.x", "machine.x"));
  EXPECT_FALSE(matches("machine.x", "machine"));
  EXPECT_FALSE(matches("machine.x", "machine.x.y"));
  EXPECT_FALSE(matches("machine.x", "machine.xy"));
}

TEST(NamePattern, with_a_star_takes_any_one_name) {
  EXPECT_TRUE(matches("machine.*.status", "machine.x.status"));
  EXPECT_FALSE(matches("machine.*.status", "machine.status"));
  EXPECT_FALSE(matches("machine.*.status", "machine.x.y.status"));
  EXPECT_TRUE(matches("*", "machine"));
  EXPECT_FALSE(matches("*", "machine.x"));
}

TEST(NamePattern, with_two_stars_takes_any_number_of_names) {
  EXPECT_TRUE(matches("**", "machine"));
  EXPECT_TRUE(matches("**", "machine.x.status"));
  EXPECT_TRUE(matches("machine.**", "machine"));
  EXPECT_TRUE(matches("machine.**", "machine.x.status"));
  EXPECT_FALSE(matches("machine.**", "machines.x"));
  EXPECT_TRUE(matches("**.status", "status"));
  EXPECT_TRUE(matches("**.status", "machine.x.status"));
  EXPECT_FALSE(matches("**.status", "machine.x.status.y"));
  EXPECT_TRUE(matches("a.**.b.**.c", "a.b.x.b.c"));
  EXPECT_TRUE(matches("**.b.*", "a.b.b.c"));
  EXPECT_FALSE(matches("a.**.b.**.c", "a.x.c"));
  EXPECT_TRUE(matches("a.**.**.c", "a.c"));
}

TEST(NamePattern, overlaps_another_if_a_name_matches_both) {
  const auto overlap = [](std::string_view one, std::string_view other) {
    const bool answer = NamePattern(one).overlaps(NamePattern(other));
    EXPECT_EQ(NamePattern(other).overlaps(NamePattern(one)), answer) << one << " and " << other;
    return answer;
  };
  EXPECT_TRUE(overlap("machine.x", "machine.x"));
  EXPECT_FALSE(overlap("machine.x", "machine.y"));
  EXPECT_FALSE(overlap("machine", "machine.x"));
  EXPECT_TRUE(overlap("machine.*", "*.x"));
  EXPECT_FALSE(overlap("machine.*", "*.*.x"));
  EXPECT_TRUE(overlap("**", "machine.x"));
  EXPECT_TRUE(overlap("machine.**", "**.moved"));
  EXPECT_TRUE(overlap("machine.**", "machine"));
  EXPECT_FALSE(overlap("machine.**", "desk.**"));
  EXPECT_TRUE(overlap("a.**.b.**.c", "**.x.b.*.c"));
  EXPECT_FALSE(overlap("a.**.c", "a.**.b"));
}

TEST(NamePattern, that_is_wrong_says_where) {
  for (const char* wrong : {"", ".", "a.", ".a", "a..b", "a*", "a.b-c", "***"}) {
    EXPECT_THROW(NamePattern{wrong}, ApiParamError) << wrong;
  }
  try {
    NamePattern("machine.b-c.**");
    FAIL() << "nothing was thrown";
  } catch (const ApiParamError& error) {
    EXPECT_NE(std::string(error.what()).find("\"b-c\""), std::string::npos) << error.what();
  }
  EXPECT_THROW(NamePattern(std::string(1025, 'a')), ApiParamError);
}

}  // namespace
}  // namespace vagus::testing
