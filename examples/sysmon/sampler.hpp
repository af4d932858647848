/// Looks at /proc from time to time and knows how things changed since the last look.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "proc_files.hpp"

namespace sysmon {

/// All functions are safe from any thread: handlers run on several workers.
class Sampler {
 public:
  Sampler();

  /// Looks again, and returns the new load.
  std::vector<double> sample();

  std::vector<double> load() const;
  /// The first so many in the order asked for.
  std::vector<ProcessInfo> top(std::size_t count, SortBy by) const;

 private:
  struct Key {
    std::int64_t id;
    std::uint64_t started;
    auto operator<=>(const Key&) const = default;
  };
  using Ticks = std::map<Key, std::uint64_t>;

  mutable std::mutex mutex_;
  // guarded by mutex_
  std::chrono::steady_clock::time_point sampled_;
  std::vector<CpuTimes> cpu_times_;
  std::vector<double> load_;
  Ticks ticks_;
  std::vector<ProcessInfo> processes_;
};

}  // namespace sysmon
