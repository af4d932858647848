#pragma once

#include <sched.h>

#include <cstdint>

#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

/// On which processor each side ran last: while the peer runs on ours, waiting for it must not keep it from
/// running.
class Presence {
 public:
  Presence(Control& own, const Control& peer) noexcept : own_(own), peer_(peer) {}

  /// Tells the peer where this thread runs. Any thread; the last one counts.
  void note() noexcept {
    const auto processor = this_processor();
    // Relaxed, here and below: a hint. Written only when it changes, since the peer reads the same cache
    // line.
    if (own_.processor.load(std::memory_order_relaxed) != processor) {
      own_.processor.store(processor, std::memory_order_relaxed);
    }
  }

  bool peer_runs_elsewhere() const noexcept {
    return peer_.processor.load(std::memory_order_relaxed) != this_processor();
  }

 private:
  static std::uint32_t this_processor() noexcept { return static_cast<std::uint32_t>(::sched_getcpu() + 1); }

  Control& own_;
  const Control& peer_;
};

}  // namespace vagus::transport::ring
