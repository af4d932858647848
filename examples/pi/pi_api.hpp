/// The contract between head and body.
#pragma once

#include <cstdint>
#include <string>

#include <vagus/vagus.hpp>

namespace pi {

/// What the body computes at most: a few seconds of work, and some hundred megabytes in the process that does
/// it.
constexpr std::int64_t max_digits = 10'000'000;

/// Since the body was started.
struct Statistics {
  std::uint64_t computations = 0;  ///< processes that were started to compute
  std::uint64_t joined = 0;        ///< calls that waited for a computation which was under way before
  std::uint64_t from_cache = 0;    ///< calls that were answered at once
  std::uint64_t cancelled = 0;     ///< computations that were ended since nobody waited for them any more
  std::uint64_t failed = 0;        ///< computations that died or took too long
  std::uint32_t under_way = 0;     ///< computations, those that wait for their turn included
};

/// `pi.digits`, `pi.statistics`.
class PiApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  /// As text, since no number of MessagePack holds more than 19 digits: `digits(5)` is "3.14159". The digits
  /// are cut off, not rounded. Fails with std::out_of_range for less than one and more than `max_digits`.
  vagus::Method<vagus::Streams<double, std::string>(std::int64_t count)> digits{
      this, "digits", "Pi with so many digits after the point. Tells from 0 to 1 how far it is.",
      vagus::params("count")};

  vagus::Method<Statistics()> statistics{this, "statistics", "What the body has done so far."};
};

}  // namespace pi
