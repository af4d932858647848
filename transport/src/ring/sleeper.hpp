#pragma once

#include <atomic>
#include <cstdint>

#include <vagus/core/deadline.hpp>
#include <vagus/core/home_process.hpp>

#include "posix/futex.hpp"

namespace vagus::transport::ring {

/// Lets one thread at a time sleep until the peer rings a bell or somebody in this process calls it.
///
/// The bell is a word that the peer alone can change, so it cannot be used for the call: that is a flag of
/// our own, and a wake-up of whoever sleeps on the bell. The sleeper says that it is about to sleep, then
/// looks at the flag; the caller sets the flag, then looks whether there is a sleeper. One of the two sees
/// the other.
class Sleeper {
 public:
  explicit Sleeper(const posix::FutexWord& bell) noexcept : bell_(bell) {}

  /// How often the bell has rung. To be asked before the peer is told that we sleep.
  std::uint32_t rings() const noexcept {
    // PAIR bell-rung: seq_cst, so that it stays ahead of the ticket's store.
    return bell_.load(std::memory_order_seq_cst);
  }

  /// Sleeps until the deadline at most, unless the bell has rung since rings() returned `heard`, or call()
  /// was called since take_call(). May also return for no reason.
  void sleep(std::uint32_t heard, Deadline deadline) noexcept;

  /// Ends the sleep under way, or else the next one before it begins. From any thread.
  void call() noexcept;

  bool called() const noexcept { return called_.load(std::memory_order_relaxed); }
  /// Takes note of a call, so that the next sleep is not ended by it.
  bool take_call() noexcept { return called() && called_.exchange(false, std::memory_order_seq_cst); }

 private:
  const posix::FutexWord& bell_;
  std::atomic<bool> called_{false};
  std::atomic<bool> asleep_{false};
  const detail::HomeProcess home_;
};

}  // namespace vagus::transport::ring
