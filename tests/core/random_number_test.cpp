#include <unistd.h>

#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <thread>
#include <vector>

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

TEST(RandomNumber, is_never_drawn_twice_nor_in_two_threads) {
  constexpr std::size_t per_thread = 1000;
  std::vector<std::uint64_t> one(per_thread);
  std::vector<std::uint64_t> another(per_thread);
  std::thread other([&] {
    for (auto& number : another) number = random_number();
  });
  for (auto& number : one) number = random_number();
  other.join();
  std::set<std::uint64_t> all(one.begin(), one.end());
  all.insert(another.begin(), another.end());
  EXPECT_EQ(all.size(), 2 * per_thread);
  EXPECT_FALSE(all.contains(0));
}

/// What std::mt19937_64 makes of one number of its state, and back.
std::uint64_t tempered(std::uint64_t number) {
  number ^= (number >> 29) & 0x5555'5555'5555'5555U;
  number ^= (number << 17) & 0x71d6'7fff'eda6'0000U;
  number ^= (number << 37) & 0xfff7'eee0'0000'0000U;
  return number ^ (number >> 43);
}

std::uint64_t untempered(std::uint64_t number) {
  number ^= number >> 43;
  number ^= (number << 37) & 0xfff7'eee0'0000'0000U;
  // Each round brings seventeen more bits, or twenty-nine.
  const std::uint64_t second = number;
  for (int round = 0; round < 3; ++round) {
    number = second ^ ((number << 17) & 0x71d6'7fff'eda6'0000U);
  }
  const std::uint64_t first = number;
  for (int round = 0; round < 2; ++round) {
    number = first ^ ((number >> 29) & 0x5555'5555'5555'5555U);
  }
  return number;
}

/// What std::mt19937_64 draws after as many numbers as its state has.
std::uint64_t next_of_twister(const std::vector<std::uint64_t>& drawn) {
  constexpr std::uint64_t lower = 0x7fff'ffffU;
  const std::uint64_t mixed = (untempered(drawn[0]) & ~lower) | (untempered(drawn[1]) & lower);
  const std::uint64_t twist = (mixed & 1) != 0 ? 0xb502'6f5a'a966'19e9U : 0;
  return tempered(untempered(drawn[156]) ^ (mixed >> 1) ^ twist);
}

TEST(RandomNumber, does_not_follow_from_those_drawn_before_as_with_a_twister) {
  std::vector<std::uint64_t> drawn(std::mt19937_64::state_size);
  std::mt19937_64 twister(7);
  for (auto& number : drawn) number = twister();
  ASSERT_EQ(next_of_twister(drawn), twister());
  for (auto& number : drawn) number = random_number();
  EXPECT_NE(next_of_twister(drawn), random_number());
}

}  // namespace
}  // namespace vagus::detail
