/// The latencies of all methods.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <vagus/arbitration/method_stats.hpp>
#include <vagus/core/mutex.hpp>

#include "routing_table.hpp"

namespace vagus {

/// A Histogram that any thread may add to. Relaxed: nothing is decided by it.
class SharedHistogram {
 public:
  void add(Duration duration) noexcept;
  /// The buckets are each exact; what is added meanwhile may be in one of the figures and not in another.
  Histogram read() const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, Histogram::bucket_count> buckets_{};
  std::atomic<Duration::rep> sum_{0};
  std::atomic<Duration::rep> max_{0};
};

/// Keeps the histograms by the names of the methods. Names come from peers too, so there is an end to them.
/// Safe from any thread.
class MethodHistograms {
 public:
  void add_call(std::string_view name_space, Duration elapsed, bool failed);
  void add_request(std::string_view name_space, Duration waited, Duration ran, bool failed);
  /// In the order of their names.
  std::vector<MethodStats> read() const;

 private:
  struct Entry {
    SharedHistogram called;
    SharedHistogram waited;
    SharedHistogram ran;
    // Relaxed: nothing is decided by them.
    std::atomic<std::uint64_t> calls_failed{0};
    std::atomic<std::uint64_t> requests_failed{0};
  };
  /// Never removed: to be used without the lock.
  Entry& entry(std::string_view name_space);

  mutable Mutex mutex_;
  NameMap<std::unique_ptr<Entry>> entries_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
