/// What there is to measure, and what came of it.
#pragma once

#include <chrono>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "process/pair.hpp"

namespace bench {

/// What tells a row from all others.
struct RowName {
  std::string name;  ///< such as `shm.sync`
  std::string mode;  ///< adaptive, spin or block
  std::string pin;   ///< split, one or none
  std::string size;  ///< `int`, or bytes

  /// `shm.sync/adaptive/split/int`
  std::string path() const { return name + "/" + mode + "/" + pin + "/" + size; }
};

/// What a ratio is made of.
enum class RatioOf {
  latency,    ///< the p50
  throughput  ///< the time per operation
};

/// The call that a row is about.
struct Subject {
  RowName name;
  Pair pair;
  RatioOf ratio_of = RatioOf::latency;
};

/// Rows that are measured together: slices of them and of their limit alternate.
struct Group {
  std::optional<Pair> limit = std::nullopt;  ///< none: the first subject is one itself
  std::vector<Subject> subjects = {};
  bool quick = true;     ///< belongs to the short run
  bool steady = true;    ///< its ratio says enough to be guarded
  bool hogs = false;     ///< other programs want the processors meanwhile
  int slice_factor = 1;  ///< how much longer its slices are than those of others
};

/// A row with one figure of its own kind.
struct Probe {
  RowName name;
  std::string unit;
  bool quick = true;
  /// `patience`: how long to look, where that matters.
  std::function<double(std::chrono::nanoseconds patience)> measure;
};

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// One line of the table. NaN: does not apply.
struct Row {
  RowName name;
  double p50_us = unknown;
  double p99_us = unknown;
  double p999_us = unknown;
  double operations_per_second = unknown;
  double cpu_seconds_per_million = unknown;
  double limit_p50_us = unknown;
  double ratio = unknown;
  double limit_share = unknown;  ///< of the time of the limit's slices, in which it ran as fast as its p50
  double times_vagus = unknown;  ///< of a peer: its p50, or time per operation, over that of Vagus beside it
  double value = unknown;        ///< of a probe
  std::string unit = {};
  std::string error = {};  ///< why there are no figures
  bool steady = false;
};

}  // namespace bench
