#include <gtest/gtest.h>

#include <vagus/arbitration/histogram.hpp>

#include "method_histograms.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, knows_small_durations_exactly) {
  for (int time = 0; time < 16; ++time) {
    const std::size_t bucket = Histogram::bucket_of(Duration(time));
    EXPECT_EQ(Histogram::longest_in(bucket), Duration(time));
  }
}

TEST(Histogram, has_buckets_that_follow_each_other_without_a_gap) {
  for (std::size_t bucket = 0; bucket + 1 < Histogram::bucket_count; ++bucket) {
    const Duration longest = Histogram::longest_in(bucket);
    EXPECT_EQ(Histogram::bucket_of(longest), bucket);
    EXPECT_EQ(Histogram::bucket_of(longest + 1ns), bucket + 1);
  }
}

TEST(Histogram, is_wrong_by_an_eighth_at_most) {
  for (Duration time = 1ns; time < 1000s; time += time / 13 + 1ns) {
    const Duration said = Histogram::longest_in(Histogram::bucket_of(time));
    EXPECT_GE(said, time);
    EXPECT_LE(8 * (said - time), time) << time.count();
  }
}

TEST(Histogram, finds_quantiles_of_known_values) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.add(i * 1us);
  EXPECT_EQ(histogram.count(), 1000u);
  EXPECT_GE(histogram.p50(), Duration(500us));
  EXPECT_LE(histogram.p50(), Duration(563us));
  EXPECT_GE(histogram.p99(), Duration(990us));
  EXPECT_LE(histogram.p99(), Duration(1000us));  // never beyond the longest
  EXPECT_EQ(histogram.quantile(1.0), Duration(1000us));
  EXPECT_EQ(histogram.max(), Duration(1000us));
  EXPECT_EQ(histogram.mean(), Duration(500us + 500ns));
  EXPECT_EQ(histogram.sum(), Duration(500500us));
  EXPECT_LE(histogram.quantile(0.0), Duration(2us));
}

TEST(Histogram, finds_the_only_one_that_was_slow) {
  Histogram histogram;
  for (int i = 0; i < 99; ++i) histogram.add(10ns);
  histogram.add(1s);
  EXPECT_EQ(histogram.p50(), Duration(10ns));
  EXPECT_EQ(histogram.p99(), Duration(10ns));
  EXPECT_EQ(histogram.quantile(0.995), Duration(1s));
}

TEST(Histogram, of_nothing_says_nothing) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.p99(), Duration::zero());
  EXPECT_EQ(histogram.mean(), Duration::zero());
}

TEST(Histogram, takes_what_is_out_of_its_range) {
  Histogram histogram;
  histogram.add(-5ns);
  histogram.add(24h);
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.count_in(0), 1u);
  EXPECT_EQ(histogram.count_in(Histogram::bucket_count - 1), 1u);
  EXPECT_EQ(histogram.p50(), Duration::zero());
  EXPECT_EQ(histogram.p99(), Duration(24h));
}

TEST(Histogram, adds_up) {
  Histogram one;
  Histogram two;
  one.add(10ns);
  two.add(20ns);
  two.add(30ns);
  one += two;
  EXPECT_EQ(one.count(), 3u);
  EXPECT_EQ(one.sum(), Duration(60ns));
  EXPECT_EQ(one.max(), Duration(30ns));
}

TEST(Histogram, takes_out_what_was_counted_before) {
  Histogram histogram;
  histogram.add(10ns);
  histogram.add(30ns);
  const Histogram former = histogram;
  histogram.add(20ns);
  histogram -= former;
  EXPECT_EQ(histogram.count(), 1u);
  EXPECT_EQ(histogram.sum(), Duration(20ns));
  EXPECT_EQ(histogram.count_in(Histogram::bucket_of(20ns)), 1u);
}

TEST(Histogram, is_made_again_of_its_counts) {
  Histogram histogram;
  for (Duration time = 1ns; time < 1h; time *= 3) histogram.add(time);
  const Histogram again(histogram.counts(), histogram.sum(), histogram.max());
  EXPECT_EQ(again.counts(), histogram.counts());
  EXPECT_EQ(again.count(), histogram.count());
  EXPECT_EQ(again.p50(), histogram.p50());
  EXPECT_EQ(again.p99(), histogram.p99());
  EXPECT_EQ(again.sum(), histogram.sum());
}

TEST(MethodHistograms, keep_what_was_added_by_name) {
  MethodHistograms histograms;
  histograms.add_call("b", 3ns, false);
  histograms.add_request("a", 1ns, 2ns, false);
  histograms.add_call("b", 5ns, true);
  const auto methods = histograms.read();
  ASSERT_EQ(methods.size(), 2u);
  EXPECT_EQ(methods[0].name_space, "a");
  EXPECT_EQ(methods[0].waited.max(), Duration(1ns));
  EXPECT_EQ(methods[0].ran.max(), Duration(2ns));
  EXPECT_EQ(methods[1].called.count(), 2u);
  EXPECT_EQ(methods[1].called.sum(), Duration(8ns));
  EXPECT_EQ(methods[1].calls_failed, 1u);
  EXPECT_EQ(methods[1].requests_failed, 0u);
}

TEST(MethodHistograms, have_an_end_of_names) {
  MethodHistograms histograms;
  for (int i = 0; i < 1100; ++i) histograms.add_call("m" + std::to_string(i), 1ns, false);
  const auto methods = histograms.read();
  ASSERT_EQ(methods.size(), 1001u);
  EXPECT_EQ(methods.front().name_space, "$others");
  EXPECT_EQ(methods.front().called.count(), 100u);
}

}  // namespace
}  // namespace vagus::testing
