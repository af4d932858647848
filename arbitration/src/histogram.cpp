#include <cmath>

#include <vagus/arbitration/histogram.hpp>

namespace vagus {

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
