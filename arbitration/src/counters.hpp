#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <vagus/arbitration/stats.hpp>

namespace vagus {

/// A figure for ApiArb::stats(). Relaxed: nothing is decided by it.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// One figure for each kind of error.
class ErrorCounters {
 public:
  void add(ErrorCode code) noexcept { counters_[static_cast<std::size_t>(code)].add(); }
  ErrorCounts values() const noexcept {
    ErrorCounts counts;
    for (std::size_t code = 0; code < error_code_count; ++code) {
      counts[static_cast<ErrorCode>(code)] = counters_[code].value();
    }
    return counts;
  }

 private:
  std::array<Counter, error_code_count> counters_;
};

/// The figures of one ApiArb; what each means stands in Stats.
struct Counters {
  Counter calls_made;
  Counter local_calls_completed;  // those over links are counted with their traffic
  ErrorCounters calls_failed;
  Counter messages_posted;
  Counter events_unheard;
  Counter posts_dropped;
  Counter calls_dropped;
  Counter calls_resent;
  Counter requests_received;
  Counter requests_refused;
  Counter requests_expired;
  Counter permissions_denied;
  Counter logins_refused;
  Counter messages_received;
  Counter messages_unhandled;
  Counter messages_dropped;
  Counter handlers_failed;
  Counter links_opened;
  Counter links_lost;
};

}  // namespace vagus
