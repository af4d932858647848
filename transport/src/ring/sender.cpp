#include "ring/sender.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include <vagus/core/fault_point.hpp>

namespace vagus::transport::ring {

namespace {

enum SlotToken : std::uintptr_t { no_slot, slot_in_ring, slot_in_buffer, slot_in_block };

// Larger messages go into the arena: for them its book-keeping costs less than what it saves, the second copy
// where the receiver keeps the message.
constexpr std::size_t largest_inline = 16 * 1024;

// A buffer of this size is kept, since fresh memory costs more than filling it; larger ones are rare enough.
constexpr std::size_t rings_kept = 4;

}  // namespace

Sender::Sender(const OwnMemory& own, const Control& peer, Ringer& ringer, HandOver* hand_over,
               Arena* arena) noexcept
    : writer_(own, peer),
      ringer_(ringer),
      hand_over_(hand_over),
      arena_(arena),
      max_inline_(arena == nullptr ? max_record_length(own.ring_bytes)
                                   : std::min(largest_inline, max_record_length(own.ring_bytes))) {}

ClaimStatus Sender::try_claim(std::size_t size, Slot& slot, Blocks blocks) {
  blocks_.assign(blocks.begin(), blocks.end());
  const ClaimStatus status = claim(size, slot);
  if (status != ClaimStatus::claimed) blocks_.clear();
  return status;
}

ClaimStatus Sender::claim(std::size_t size, Slot& slot) {
  // There are no more blocks than that, but one may be referred to any number of times.
  if (blocks_.size() > max_blocks) [[unlikely]]
    return ClaimStatus::unlendable;
  const std::size_t ahead = blocks_.empty() ? 0 : block_list_size(blocks_.size());
  if (ahead + size <= max_inline_) return claim_in_ring(size, slot);
  const std::size_t count = blocks_.size() + 1;  // the first of them is the message itself then
  if (arena_ != nullptr && count <= max_blocks && block_list_size(count) <= max_inline_) {
    if (auto block = arena_->allocate(size)) {
      slot = {block->bytes(), slot_in_block};
      blocks_.insert(blocks_.begin(), std::move(block));
      used_ = sent_ = 0;
      return ClaimStatus::claimed;
    }
    violation_ = arena_->violation();
    if (violation_ != nullptr) return ClaimStatus::closed;
  }
  return blocks_.empty() ? claim_large(size, slot) : ClaimStatus::unlendable;
}

ClaimStatus Sender::claim_in_ring(std::size_t size, Slot& slot) {
  const std::size_t ahead = blocks_.empty() ? 0 : block_list_size(blocks_.size());
  if (!reserve(ahead + size, claimed_))
    return violation_ != nullptr ? ClaimStatus::closed : ClaimStatus::full;
  slot = {claimed_.subspan(ahead), slot_in_ring};
  return ClaimStatus::claimed;
}

ClaimStatus Sender::claim_large(std::size_t size, Slot& slot) {
  // What is too large for a block may still be small enough for a record.
  if (size <= max_record_length(writer_.ring_bytes())) return claim_in_ring(size, slot);
  if (hand_over_ != nullptr) {
    if (const Position release = hand_over_->room_after(size); release != 0) {
      writer_.want(release);
      return ClaimStatus::full;
    }
  }
  if (large_.size() < size) large_ = LargeBuffer(size);
  used_ = sent_ = 0;
  slot = {large_.first(size), slot_in_buffer};
  return ClaimStatus::claimed;
}

bool Sender::commit(Slot& slot, std::size_t used) {
  assert(used <= slot.bytes.size());
  if (slot.token == slot_in_ring) {
    if (blocks_.empty()) {
      publish(RecordKind::message, used);
    } else {
      publish_with_blocks(claimed_, 0, used);
    }
    slot = {};
    return true;
  }
  used_ = used;
  return push(slot);
}

bool Sender::push(Slot& slot) {
  if (slot.token == slot_in_block) return (send_block() || violation_ != nullptr) && finish_large(slot);
  const bool whole = hand_over_ != nullptr || used_ <= max_record_length(writer_.ring_bytes());
  const bool sent = whole ? send_whole(used_) : send_parts();
  return (sent || violation_ != nullptr) && finish_large(slot);
}

bool Sender::send_whole(std::size_t used) {
  std::span<std::byte> bytes;
  if (used <= max_record_length(writer_.ring_bytes())) {
    if (!reserve(used, bytes)) return false;
    if (used != 0) std::memcpy(bytes.data(), large_.data(), used);
    publish(RecordKind::message, used);
    return true;
  }
  if (!reserve(0, bytes)) return false;
  hand_over_->push(std::move(large_), used, writer_.end_of(0));
  large_ = {};
  publish(RecordKind::handed_over, 0);
  return true;
}

bool Sender::send_block() {
  if (!reserve(block_list_size(blocks_.size()), claimed_)) return false;
  publish_with_blocks(claimed_, used_, 0);
  return true;
}

void Sender::publish_with_blocks(std::span<std::byte> list, std::size_t length_in_block,
                                 std::size_t length_in_ring) {
  const bool in_block = length_in_block != 0;
  const BlockList head{static_cast<std::uint32_t>(blocks_.size()), in_block ? 1U : 0U};
  std::memcpy(list.data(), &head, sizeof head);
  for (std::size_t place = 0; place < blocks_.size(); ++place) {
    const wire::Block& block = *blocks_[place];
    const BlockReference reference =
        arena_->lend(block, in_block && place == 0 ? length_in_block : block.bytes().size());
    std::memcpy(list.data() + block_list_size(place), &reference, sizeof reference);
  }
  VAGUS_FAULT_POINT("loan.lent");
  publish(RecordKind::with_blocks, block_list_size(blocks_.size()) + length_in_ring);
  blocks_.clear();
}

bool Sender::send_parts() {
  while (sent_ < used_) {
    const std::size_t ahead = sent_ == 0 ? sizeof(MessageSize) : 0;
    const std::size_t length = std::min(used_ - sent_, part_length(writer_.ring_bytes()) - ahead);
    std::span<std::byte> bytes;
    if (!reserve(ahead + length, bytes)) return false;
    const MessageSize size = used_;
    std::memcpy(bytes.data(), &size, ahead);
    std::memcpy(bytes.data() + ahead, large_.data() + sent_, length);
    publish(sent_ == 0 ? RecordKind::first_part : RecordKind::next_part, ahead + length);
    sent_ += length;
    VAGUS_FAULT_POINT("ring.part_sent");
  }
  return true;
}

void Sender::abandon(Slot& slot) noexcept {
  if (slot.token == slot_in_buffer && sent_ != 0 && sent_ < used_) {
    std::span<std::byte> bytes;
    // Without space for it the next message says the same, by beginning.
    if (reserve(0, bytes)) publish(RecordKind::broken_off, 0);
  }
  finish_large(slot);
}

bool Sender::finish_large(Slot& slot) noexcept {
  if (large_.size() > rings_kept * writer_.ring_bytes()) large_ = {};
  used_ = sent_ = 0;
  blocks_.clear();
  slot = {};
  return true;
}

bool Sender::reserve(std::size_t length, std::span<std::byte>& bytes) noexcept {
  if (violation_ != nullptr) return false;
  const RingWriter::Outcome outcome = writer_.reserve(length, bytes);
  if (outcome == RingWriter::Outcome::lied) {
    violation_ = "a read position that is behind its former one, or ahead of what was sent";
  }
  return outcome == RingWriter::Outcome::granted;
}

void Sender::publish(RecordKind kind, std::size_t length) noexcept {
  writer_.publish(kind, length);
  VAGUS_FAULT_POINT("ring.published");
  ringer_.after_record();
  VAGUS_FAULT_POINT("ring.rung");
}

}  // namespace vagus::transport::ring
