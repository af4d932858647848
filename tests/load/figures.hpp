#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace vagus::load {

/// What a process counts. It lies in memory that its parent shares, and so outlives a kill.
struct Figures {
  using Count = std::atomic<std::uint64_t>;

  std::atomic<std::int64_t> fault_ns{0};  ///< when it did what it was armed for, by the steady clock
  std::atomic<std::int64_t> kept_ns{0};   ///< for so long it was kept from running, see Pulse
  Count calls{0};                         ///< that have ended, however
  Count answered{0};
  Count timed_out{0};
  Count disconnected{0};
  Count overloaded{0};
  Count refused{0};  ///< by a peer that was ending in order, or its nested call failed
  Count callbacks{0};
  Count posted{0};                                 ///< notes and events
  Count heard{0};                                  ///< likewise, of the peer's
  Count missed{0};                                 ///< likewise, found missing between two that came
  Count served{0};                                 ///< requests
  Count allocated{0};                              ///< bytes of the heap in use, where a process counts them
  std::atomic<std::int64_t> longest_ns{0};         ///< call that had a deadline
  std::atomic<std::int64_t> excess_running_ns{0};  ///< likewise, not counting when the process could not run
  std::atomic<std::int64_t> excess_ns{0};          ///< the worst: how long after its deadline a call ended

  static void raise(std::atomic<std::int64_t>& most, std::int64_t value) noexcept {
    std::int64_t seen = most.load(std::memory_order_relaxed);
    while (seen < value && !most.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
    }
  }
  static void count(Count& what, std::uint64_t by = 1) noexcept {
    what.fetch_add(by, std::memory_order_relaxed);
  }
};

static_assert(std::is_standard_layout_v<Figures> && Figures::Count::is_always_lock_free);

}  // namespace vagus::load
