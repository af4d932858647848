/// One slice of a measurement: some milliseconds of one kind of call, before it is another's turn.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "timing/clock.hpp"

namespace bench {

/// Nanoseconds of one operation each.
using Samples = std::vector<std::uint32_t>;

/// What slices came to.
struct SliceResult {
  double seconds = 0;
  double cpu_seconds = 0;  ///< of both ends
  std::uint64_t operations = 0;
  Samples samples;  ///< of all operations, or of some

  void add(const SliceResult& other);
  /// In microseconds; `share` of all took no longer. NaN if there are none.
  double quantile(double share) const;

  std::vector<std::byte> to_bytes() const;
  static SliceResult from_bytes(std::span<const std::byte> bytes);
};

/// What a runner of slices gets.
class Slice {
 public:
  /// `processes`: whose processor time counts.
  Slice(nanoseconds budget, std::vector<pid_t> processes);

  /// For how long it is to run.
  nanoseconds budget() const noexcept { return budget_; }
  /// For how long before that, without being counted.
  nanoseconds warm_up() const noexcept { return budget_ / 10; }

  /// The warm-up is over.
  Clock::time_point begin();
  void note(nanoseconds time) { note_in(result_.samples, time); }
  void note(const Samples& samples);
  /// So many operations were done since begin().
  void end(std::uint64_t operations);

  SliceResult& result() noexcept { return result_; }

  static void note_in(Samples& samples, nanoseconds time);

 private:
  double cpu_so_far() const;

  const nanoseconds budget_;
  const std::vector<pid_t> processes_;
  Clock::time_point begin_{};
  SliceResult result_;
};

using SliceRunner = std::function<void(Slice&)>;

}  // namespace bench
