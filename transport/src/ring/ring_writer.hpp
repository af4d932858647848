#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

/// Puts records into this side's ring. One thread at a time, but for has_room().
class RingWriter {
 public:
  RingWriter(const OwnMemory& own, const Control& peer) noexcept;

  std::size_t ring_bytes() const noexcept { return own_.ring_bytes; }

  enum class Outcome : std::uint8_t {
    granted,
    full,  ///< has_room() tells when to try again
    lied   ///< the peer says it has read what was never written, or less than it has said before
  };

  /// Finds space for a record of `length` bytes, at most max_record_length(). Granted, it may be published or
  /// forgotten.
  Outcome reserve(std::size_t length, std::span<std::byte>& bytes) noexcept;

  /// Makes a record of the first `length` bytes of what was granted.
  void publish(RecordKind kind, std::size_t length) noexcept;

  /// Whether there may be space now for what was refused last. Safe from any thread.
  bool has_room() const noexcept {
    // PAIR space-or-ticket: seq_cst, see doorbell.hpp.
    return peer_.consumed.load(std::memory_order_seq_cst) >= wanted_.load(std::memory_order_relaxed);
  }

  /// Where the record that was granted will end.
  Position end_of(std::size_t length) const noexcept { return tail_ + padding_ + record_size(length); }
  /// Lets has_room() wait until the peer has given back all before `position`.
  void want(Position position) noexcept { wanted_.store(position, std::memory_order_relaxed); }

 private:
  bool fits(std::size_t size) const noexcept { return tail_ + size - peer_consumed_ <= own_.ring_bytes; }
  bool refresh() noexcept;
  std::size_t padding_for(std::size_t size) const noexcept;

  const OwnMemory own_;
  const Control& peer_;

  Position tail_ = 0;
  Position peer_consumed_ = 0;  // as last seen and checked; only ever grows
  Position next_look_;          // from where on peer_consumed_ is too old to tell what is free
  std::size_t padding_ = 0;     // ahead of the record that was granted
  std::atomic<Position> wanted_{0};
};

}  // namespace vagus::transport::ring
