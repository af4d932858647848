/// How long the latest calls took.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace sysmon {

/// Keeps the latest 512. For one thread.
class Latencies {
 public:
  void add(std::chrono::nanoseconds duration) {
    kept_[next_] = duration;
    next_ = (next_ + 1) % kept_.size();
    count_ = std::min(count_ + 1, kept_.size());
  }

  /// The duration that this part of the calls (0.5 for the median) did not exceed; zero if there were none.
  std::chrono::nanoseconds quantile(double part) const {
    if (count_ == 0) return {};
    auto sorted = kept_;
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(count_ - 1));
    std::nth_element(sorted.begin(), nth, end);
    return *nth;
  }

 private:
  std::array<std::chrono::nanoseconds, 512> kept_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace sysmon
