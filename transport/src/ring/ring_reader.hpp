#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

/// Takes records out of the peer's ring. One thread at a time.
class RingReader {
 public:
  RingReader(const PeerMemory& peer, Control& own) noexcept;

  struct Record {
    RecordKind kind = RecordKind::none;  ///< none: there is no record now. Never padding
    std::span<const std::byte> bytes;
  };

  /// The next record, in place until release(); the same one again before that. Nothing more comes once the
  /// peer has broken a rule, which violation() then names.
  Record peek() noexcept;

  /// Moves on to the next record. True: space was given back, and the peer may wait for it.
  bool release() noexcept;
  /// Gives back all that is read, however little.
  void give_back() noexcept;

  bool has_record() const noexcept {
    // PAIR record-or-ticket: seq_cst, see doorbell.hpp.
    return peer_.header_at(head_).load(std::memory_order_seq_cst) != 0 && violation_ == nullptr;
  }

  /// Where has_record() looks: valid for good, though it says something about this reader only until that
  /// moves on.
  const std::atomic<std::uint64_t>& next_header() const noexcept { return peer_.header_at(head_); }

  /// What the peer did wrong; null: nothing so far.
  const char* violation() const noexcept { return violation_; }

  /// The link has ended. All that the peer had written when this was first called begins within one ring from
  /// here; what it writes later, into memory that it still has, does not count.
  void end() noexcept { end_ = std::min(end_, head_ + peer_.ring_bytes); }
  /// Likewise, and what is there is not read either.
  void end_here() noexcept { end_ = head_; }
  /// Nothing more is to be read.
  bool at_end() const noexcept { return head_ >= end_; }

 private:
  bool skip_padding() noexcept;
  Record refuse(const char* violation) noexcept;

  const PeerMemory peer_;
  Control& own_;
  const std::size_t batch_;  // so much is read before it is given back

  Position head_ = 0;
  Position given_back_ = 0;
  Position end_ = std::numeric_limits<Position>::max();
  std::size_t record_size_ = 0;  // of what peek() gave
  const char* violation_ = nullptr;
};

}  // namespace vagus::transport::ring
