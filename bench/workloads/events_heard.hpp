#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace bench {

/// What the consumer of events tells the producer, in memory that both have.
struct EventsHeard {
  alignas(64) std::atomic<std::uint64_t> count{0};
  alignas(64) std::atomic<std::uint64_t> timed{0};
  std::array<std::atomic<std::uint32_t>, 4096> nanoseconds{};  ///< of the last ones that were timed
};

}  // namespace bench
