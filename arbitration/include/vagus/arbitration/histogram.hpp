/// How long something took, how often.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <vagus/core/deadline.hpp>

namespace vagus {

/// Counts durations in buckets that grow with them: each power of two is split into eight. So what it says
/// about a quantile is at most 12.5 % too long, and never too short; below 16 ns it is exact. What takes
/// longer than 18 minutes stands in the last bucket. The longest duration and the sum are exact.
///
/// A plain value of 2.5 KB. Distinct objects may be used from distinct threads.
class Histogram {
 public:
  static constexpr std::size_t bucket_count = 304;

  /// Durations by the longest of their bucket, and how many they were.
  using Counts = std::vector<std::pair<Duration, std::uint64_t>>;

  Histogram() = default;
  /// One that was counted elsewhere.
  Histogram(const Counts& counts, Duration sum, Duration max) noexcept;

  /// The bucket that a duration is counted in; a negative one counts as none at all.
  static constexpr std::size_t bucket_of(Duration duration) noexcept {
    const auto time = static_cast<std::uint64_t>(std::max<Duration::rep>(duration.count(), 0));
    if (time < parts) return static_cast<std::size_t>(time);
    const auto shift = static_cast<std::size_t>(std::bit_width(time)) - 1 - parts_bits;
    const std::size_t bucket = (shift + 1) * parts + (static_cast<std::size_t>(time >> shift) - parts);
    return std::min(bucket, bucket_count - 1);
  }
  /// The longest duration that is counted in a bucket; of the last bucket, where it would end.
  static constexpr Duration longest_in(std::size_t bucket) noexcept {
    if (bucket < parts) return Duration(bucket);
    const std::size_t shift = bucket / parts - 1;
    const std::uint64_t first = static_cast<std::uint64_t>(parts + bucket % parts) << shift;
    return Duration(first + (std::uint64_t{1} << shift) - 1);
  }

  void add(Duration duration) noexcept {
    const Duration time = std::max(duration, Duration::zero());
    add_to_bucket(bucket_of(time), 1);
    sum_ += time;
    max_ = std::max(max_, time);
  }
  Histogram& operator+=(const Histogram& other) noexcept {
    for (std::size_t bucket = 0; bucket < bucket_count; ++bucket)
      add_to_bucket(bucket, other.buckets_[bucket]);
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
    return *this;
  }

  /// Takes out what was counted when `former` was read of the same: what is left has come since. The longest
  /// is still that of all.
  Histogram& operator-=(const Histogram& former) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  /// How many are counted in a bucket.
  std::uint64_t count_in(std::size_t bucket) const noexcept { return buckets_[bucket]; }
  /// Of the buckets in which something is counted, in their order.
  Counts counts() const;
  /// The time that `share` of all took at most, such as 0.99; zero if nothing was counted.
  Duration quantile(double share) const noexcept;
  Duration p50() const noexcept { return quantile(0.5); }
  Duration p99() const noexcept { return quantile(0.99); }
  Duration max() const noexcept { return max_; }
  Duration sum() const noexcept { return sum_; }
  /// Zero if nothing was counted.
  Duration mean() const noexcept {
    return count_ == 0 ? Duration::zero() : sum_ / static_cast<Duration::rep>(count_);
  }

 private:
  friend class SharedHistogram;

  static constexpr std::size_t parts_bits = 3;
  static constexpr std::size_t parts = std::size_t{1} << parts_bits;  // of each power of two

  void add_to_bucket(std::size_t bucket, std::uint64_t count) noexcept {
    buckets_[bucket] += count;
    count_ += count;
  }

  std::array<std::uint64_t, bucket_count> buckets_{};
  std::uint64_t count_ = 0;
  Duration sum_{};
  Duration max_{};
};

}  // namespace vagus
