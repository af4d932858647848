#include "ring/ring_writer.hpp"

#include <vagus/core/fault_point.hpp>

#include "ring/announced_edges.hpp"

namespace vagus::transport::ring {

namespace {

// A link that carries small messages only goes round in the first part of its ring, where it can: the rest of
// the memory is never touched, and what is stays in the caches. Whether the reader has come far enough for
// that is looked at once in so many bytes.
constexpr std::size_t small_circle = 16384;

}  // namespace

RingWriter::RingWriter(const OwnMemory& own, const Control& peer) noexcept
    : own_(own), peer_(peer), next_look_(small_circle) {}

RingWriter::Outcome RingWriter::reserve(std::size_t length, std::span<std::byte>& bytes) noexcept {
  if (tail_ >= next_look_) {
    if (!refresh()) return Outcome::lied;
    next_look_ = tail_ + small_circle;
  }
  const std::size_t size = record_size(length);
  std::size_t padding = padding_for(size);
  // The place of the next header belongs to this record: publish() clears it.
  if (!fits(padding + size + record_alignment)) {
    if (!refresh()) return Outcome::lied;
    padding = padding_for(size);
    const std::size_t needed = padding + size + record_alignment;
    if (!fits(needed)) {
      want(tail_ + needed - own_.ring_bytes);
      return Outcome::full;
    }
  }
  padding_ = padding;
  bytes = {own_.at(tail_ + padding) + header_size, length};
  VAGUS_FAULT_POINT("ring.claimed");
  return Outcome::granted;
}

std::size_t RingWriter::padding_for(std::size_t size) const noexcept {
  const std::size_t offset = tail_ & (own_.ring_bytes - 1);
  const std::size_t to_end = own_.ring_bytes - offset;
  if (size > to_end) return to_end;
  const bool could_go_back = offset >= small_circle && fits(to_end + size + record_alignment);
  return could_go_back ? to_end : 0;
}

bool RingWriter::refresh() noexcept {
  // PAIR space-given-back: the reader has read all before this position, it may be written over.
  const Position consumed = peer_.consumed.load(std::memory_order_acquire);
  announce_seen();
  if (consumed - peer_consumed_ > tail_ - peer_consumed_ || consumed % record_alignment != 0) return false;
  peer_consumed_ = consumed;
  return true;
}

void RingWriter::publish(RecordKind kind, std::size_t length) noexcept {
  VAGUS_FAULT_POINT("ring.before_publish");
  const Position start = tail_ + padding_;
  const Position next = start + record_size(length);
  const std::uint64_t word = RecordHeader{kind, static_cast<std::uint32_t>(length)}.word();
  // Relaxed: the stores below publish this one with them.
  announce_published();
  own_.header_at(next).store(0, std::memory_order_relaxed);
  if (padding_ != 0) {
    own_.header_at(start).store(word, std::memory_order_relaxed);
    const std::uint64_t padding = RecordHeader{RecordKind::padding, 0}.word();
    // PAIR record-published, PAIR record-or-ticket.
    own_.header_at(tail_).store(padding, std::memory_order_seq_cst);
  } else {
    // PAIR record-published: a reader that sees the header sees the bytes of the record, and no header after
    // it. PAIR record-or-ticket: seq_cst, see doorbell.hpp.
    own_.header_at(start).store(word, std::memory_order_seq_cst);
  }
  tail_ = next;
  padding_ = 0;
}

}  // namespace vagus::transport::ring
