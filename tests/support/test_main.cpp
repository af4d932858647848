#include <gtest/gtest.h>

#include "support/leftovers.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  vagus::testing::watch_for_leftovers();
  return RUN_ALL_TESTS();
}
