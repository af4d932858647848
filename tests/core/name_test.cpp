#include <string>

#include <gtest/gtest.h>

#include <vagus/core/error.hpp>
#include <vagus/core/name.hpp>

namespace vagus {
namespace {

TEST(Name, is_a_letter_or_underscore_then_letters_digits_and_underscores) {
  EXPECT_TRUE(is_name("move_to"));
  EXPECT_TRUE(is_name("_x9"));
  for (const char* wrong : {"", "9x", "a-b", "a b", "a.b", "\xc3\xa4", "$ping"})
    EXPECT_FALSE(is_name(wrong)) << wrong;
}

TEST(Namespace, is_names_with_dots_between_them) {
  EXPECT_TRUE(is_namespace("machine.x.move_to"));
  EXPECT_TRUE(is_namespace("machine"));
  for (const char* wrong : {"", ".", "a.", ".a", "a..b", "a.9"}) EXPECT_FALSE(is_namespace(wrong)) << wrong;
  EXPECT_FALSE(is_namespace(std::string(max_namespace_size + 1, 'a')));
}

TEST(Namespace, that_is_none_is_refused_with_the_character_that_is_wrong) {
  try {
    check_namespace("machine.x-y", "the API's namespace");
    FAIL() << "nothing was thrown";
  } catch (const ApiParamError& error) {
    EXPECT_NE(std::string(error.what()).find("'-'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("x-y"), std::string::npos) << error.what();
  }
}

TEST(Namespace, joins_splits_and_compares_by_whole_names) {
  EXPECT_EQ(join_namespace("machine", "x.move_to"), "machine.x.move_to");
  EXPECT_EQ(parent_namespace("machine.x.move_to"), "machine.x");
  EXPECT_EQ(parent_namespace("machine"), "");
  EXPECT_TRUE(is_within("machine.x", "machine"));
  EXPECT_TRUE(is_within("machine", "machine"));
  EXPECT_FALSE(is_within("machinery.x", "machine"));
}

}  // namespace
}  // namespace vagus
