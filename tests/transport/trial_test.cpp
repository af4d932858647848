#include "stream/trial.hpp"

#include <gtest/gtest.h>

namespace vagus::testing {
namespace {

using transport::stream::Trial;

constexpr unsigned weight = 2;

/// How many times it is left alone from here on.
unsigned quiet_times(Trial& trial) {
  unsigned times = 0;
  for (; !trial.due(); ++times) trial.note(false);
  return times;
}

unsigned times_in_vain_until_quiet(Trial& trial) {
  unsigned times = 0;
  for (; trial.due(); ++times) trial.note(true);
  return times;
}

TEST(Trial, goes_on_for_as_long_as_it_pays) {
  Trial trial{weight};
  for (unsigned times = 0; times < 100'000; ++times) {
    ASSERT_TRUE(trial.due());
    trial.note(false);
  }
}

TEST(Trial, goes_on_where_enough_of_it_pays) {
  Trial trial{weight};
  for (unsigned times = 0; times < 100'000; ++times) {
    ASSERT_TRUE(trial.due());
    trial.note(times % (weight + 1) == 0);
  }
}

TEST(Trial, ends_where_too_little_of_it_pays) {
  Trial trial{weight};
  unsigned tried = 0;
  for (unsigned times = 0; times < 100'000; ++times) {
    if (trial.due()) ++tried;
    trial.note(times % weight == 0);
  }
  EXPECT_LT(tried, 2'000u);
}

TEST(Trial, in_vain_takes_place_ever_less_often_and_never_ceases) {
  Trial trial{weight};
  unsigned before = 0;
  for (int rounds = 0; rounds < 5; ++rounds) {
    EXPECT_EQ(times_in_vain_until_quiet(trial), 4u);
    const unsigned now = quiet_times(trial);
    EXPECT_GT(now, before);
    before = now;
  }
  times_in_vain_until_quiet(trial);
  EXPECT_EQ(quiet_times(trial), before);
}

TEST(Trial, that_pays_again_is_as_good_as_new) {
  Trial trial{weight};
  times_in_vain_until_quiet(trial);
  const unsigned first = quiet_times(trial);
  times_in_vain_until_quiet(trial);
  EXPECT_GT(quiet_times(trial), first);
  for (int times = 0; times < 100; ++times) trial.note(false);
  times_in_vain_until_quiet(trial);
  EXPECT_EQ(quiet_times(trial), first);
}

}  // namespace
}  // namespace vagus::testing
