#include "ring/ring_reader.hpp"

#include <algorithm>

#include <vagus/core/fault_point.hpp>

#include "ring/announced_edges.hpp"

namespace vagus::transport::ring {

namespace {

// Giving space back record by record would cost a full fence each time. An eighth of the ring is the most
// that may be held back: a writer asks for less than half a ring and 64 bytes at once, so that one that is
// refused always finds the reader with something left to read, after which it gives back.
constexpr std::size_t largest_batch = 4096;

}  // namespace

RingReader::RingReader(const PeerMemory& peer, Control& own) noexcept
    : peer_(peer), own_(own), batch_(std::min(peer.ring_bytes / 8, largest_batch)) {}

RingReader::Record RingReader::peek() noexcept {
  if (violation_ != nullptr) return {};
  // PAIR record-published. Loaded once: what is checked below is what is used.
  RecordHeader header = RecordHeader::from(peer_.header_at(head_).load(std::memory_order_acquire));
  announce_seen();
  if (header.kind == RecordKind::padding) {
    if (!skip_padding()) return {};
    header = RecordHeader::from(peer_.header_at(head_).load(std::memory_order_acquire));
    announce_seen();
    if (header.kind == RecordKind::padding) return refuse("a padding record at the start of its ring");
  }
  if (header.word() == 0) return {};
  if (header.kind == RecordKind::none || header.kind > RecordKind::with_blocks) {
    return refuse("a record of unknown kind in its ring");
  }
  const std::size_t to_end = peer_.ring_bytes - (head_ & (peer_.ring_bytes - 1));
  if (header.length > max_record_length(peer_.ring_bytes) || record_size(header.length) > to_end) {
    return refuse("a record in its ring that is longer than it may be");
  }
  record_size_ = record_size(header.length);
  return {header.kind, {peer_.at(head_) + header_size, header.length}};
}

bool RingReader::skip_padding() noexcept {
  const std::size_t offset = head_ & (peer_.ring_bytes - 1);
  if (offset == 0) {
    refuse("a padding record at the start of its ring");
    return false;
  }
  head_ += peer_.ring_bytes - offset;
  return true;
}

bool RingReader::release() noexcept {
  head_ += record_size_;
  record_size_ = 0;
  if (head_ - given_back_ < batch_) return false;
  give_back();
  return true;
}

void RingReader::give_back() noexcept {
  given_back_ = head_;
  // PAIR space-given-back: all reading of the bytes before this position lies before it.
  // PAIR space-or-ticket: seq_cst, see doorbell.hpp.
  announce_published();
  own_.consumed.store(head_, std::memory_order_seq_cst);
  VAGUS_FAULT_POINT("ring.given_back");
}

RingReader::Record RingReader::refuse(const char* violation) noexcept {
  violation_ = violation;
  return {};
}

}  // namespace vagus::transport::ring
