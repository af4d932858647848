#include <unistd.h>

#include <array>

#include <gtest/gtest.h>

#include <vagus/core/random_number.hpp>

#include "support/process.hpp"

namespace vagus::detail {
namespace {

TEST(RandomNumber, differs_in_each_process_forked_from_one_that_has_drawn_some) {
  random_number();
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const auto draw = [&] {
    const std::uint64_t drawn = random_number();
    EXPECT_EQ(::write(pipe[1], &drawn, sizeof drawn), static_cast<ssize_t>(sizeof drawn));
  };
  testing::Process one(draw);
  testing::Process another(draw);
  EXPECT_EQ(one.wait(), 0);
  EXPECT_EQ(another.wait(), 0);
  std::array<std::uint64_t, 3> drawn{random_number()};
  EXPECT_EQ(::read(pipe[0], &drawn[1], sizeof drawn[1]), static_cast<ssize_t>(sizeof drawn[1]));
  EXPECT_EQ(::read(pipe[0], &drawn[2], sizeof drawn[2]), static_cast<ssize_t>(sizeof drawn[2]));
  ::close(pipe[0]);
  ::close(pipe[1]);
  EXPECT_NE(drawn[0], drawn[1]);
  EXPECT_NE(drawn[0], drawn[2]);
  EXPECT_NE(drawn[1], drawn[2]);
}

}  // namespace
}  // namespace vagus::detail
