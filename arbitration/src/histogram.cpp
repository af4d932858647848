#include <cmath>

#include <vagus/arbitration/histogram.hpp>

namespace vagus {

Histogram::Histogram(const Counts& counts, Duration sum, Duration max) noexcept
    : sum_(std::max(sum, Duration::zero())), max_(std::max(max, Duration::zero())) {
  for (const auto& [longest, count] : counts) add_to_bucket(bucket_of(longest), count);
}

Histogram& Histogram::operator-=(const Histogram& former) noexcept {
  count_ = 0;
  for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
    buckets_[bucket] -= std::min(buckets_[bucket], former.buckets_[bucket]);
    count_ += buckets_[bucket];
  }
  sum_ = std::max(sum_ - former.sum_, Duration::zero());
  return *this;
}

Histogram::Counts Histogram::counts() const {
  Counts counts;
  for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
    if (buckets_[bucket] != 0) counts.emplace_back(longest_in(bucket), buckets_[bucket]);
  }
  return counts;
}

Duration Histogram::quantile(double share) const noexcept {
  if (count_ == 0) return Duration::zero();
  // The rank of the one that is asked for, from 1.
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket + 1 < bucket_count; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::min(longest_in(bucket), max_);
  }
  return max_;
}

}  // namespace vagus
