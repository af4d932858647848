#include <gtest/gtest.h>

#include <vagus/core/suggestions.hpp>

namespace vagus {
namespace {

TEST(Suggestions, are_names_that_are_near) {
  const std::vector<std::string> names{"machine.move_to", "machine.stop"};
  EXPECT_EQ(nearest_name("machine.mov_to", names), "machine.move_to");
  EXPECT_EQ(nearest_name("machine.stpo", names), "machine.stop");
  EXPECT_EQ(nearest_name("press.close", names), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(Suggestions, are_the_end_of_a_sentence) {
  EXPECT_EQ(did_you_mean("mov_to", {"move_to", "stop"}), "; did you mean move_to?");
  EXPECT_EQ(did_you_mean("press", {"move_to", "stop"}), "");
}

}  // namespace
}  // namespace vagus
