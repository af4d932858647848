/// How long calls of a method take.
#pragma once

#include <cstdint>
#include <string>

#include <vagus/arbitration/histogram.hpp>

namespace vagus {

/// The latencies of one method or event while they were measured: see ApiArb::measure().
struct MethodStats {
  std::string name_space;  ///< `$others` for all that came after the first thousand names
  Histogram called;        ///< calls that this side sent: from the making to the end, whatever the outcome
  Histogram waited;        ///< requests that were run: from their arrival until a worker had them
  Histogram ran;           ///< the same: from then until the answer was sent
  std::uint64_t calls_failed = 0;     ///< of those that are counted in `called`
  std::uint64_t requests_failed = 0;  ///< of those in `ran`: an exception left the handler, or no answer came
};

}  // namespace vagus
