#include "ring/receiver.hpp"

#include <cstring>
#include <utility>

namespace vagus::transport::ring {

namespace {

// A peer that sends parts of messages and no whole one keeps nobody in try_receive() for ever.
constexpr int max_records_at_once = 64;
constexpr std::size_t rings_kept = 4;

}  // namespace

Receiver::Receiver(const PeerMemory& peer, Control& own, std::shared_ptr<const void> owner, Ringer& ringer,
                   HandOver* hand_over, std::size_t max_message_size, Decoding decoding)
    : reader_(peer, own),
      ringer_(ringer),
      hand_over_(hand_over),
      max_message_size_(max_message_size),
      decoding_(decoding),
      reassembly_(max_message_size, rings_kept * peer.ring_bytes),
      blocks_(peer.arena, own, std::move(owner)) {}

Receiver::Message Receiver::try_receive() {
  if (holding_ != Holding::nothing) return message_;
  Message message;
  for (int records = 0; records < max_records_at_once && violation_ == nullptr; ++records) {
    const RingReader::Record record = reader_.peek();
    if (record.kind == RecordKind::none || !take(record, message)) break;
    release_record();
    if (message) break;
  }
  return message;
}

bool Receiver::take(const RingReader::Record& record, Message& message) {
  switch (record.kind) {
    case RecordKind::message:
      if (record.bytes.size() > max_message_size_) {
        violation_ = "a message over the limit on message size";
        return false;
      }
      reassembly_.clear();  // a message that begins ends the one before it, complete or not
      hold_settled(record.bytes, message);
      return false;
    case RecordKind::handed_over:
      if (hand_over_ == nullptr) {
        violation_ = "a message handed over in memory that is not shared";
        return false;
      }
      hold(Holding::handed_over, hand_over_->front(), message);
      return false;
    case RecordKind::with_blocks:
      take_with_blocks(record, message);
      return false;
    case RecordKind::broken_off:
      reassembly_.clear();
      return true;
    default:
      return take_part(record, message);
  }
}

void Receiver::take_with_blocks(const RingReader::Record& record, Message& message) {
  std::span<const std::byte> bytes;
  violation_ = blocks_.take(record.bytes, bytes);
  if (violation_ == nullptr && bytes.size() > max_message_size_) {
    violation_ = "a message over the limit on message size";
  }
  if (violation_ != nullptr) return;
  reassembly_.clear();
  hold_settled(bytes, message);
}

bool Receiver::take_part(const RingReader::Record& record, Message& message) {
  violation_ = record.kind == RecordKind::first_part ? reassembly_.begin(record.bytes)
                                                     : reassembly_.append(record.bytes);
  if (violation_ != nullptr) return false;
  if (reassembly_.complete()) hold(Holding::reassembled, reassembly_.message(), message);
  return true;
}

void Receiver::hold_settled(std::span<const std::byte> bytes, Message& message) {
  if (decoding_ == Decoding::in_place || bytes.size() > largest_copied || bytes.empty()) {
    return hold(Holding::in_ring, bytes, message);
  }
  std::memcpy(copy_.data(), bytes.data(), bytes.size());
  hold(Holding::copied, std::span<const std::byte>(copy_).first(bytes.size()), message);
}

void Receiver::hold(Holding holding, std::span<const std::byte> bytes, Message& message) {
  holding_ = holding;
  message = message_ = bytes;
}

void Receiver::release() {
  const Holding held = holding_;
  holding_ = Holding::nothing;
  kept_.reset();
  switch (held) {
    case Holding::nothing:
      return;
    case Holding::in_ring:
    case Holding::copied:
      blocks_.release();
      return release_record();
    case Holding::reassembled:
      return reassembly_.clear();
    case Holding::handed_over:
      hand_over_->pop();
      release_record();
      return give_back_all();
  }
}

wire::ReceivedBlock Receiver::attached(std::uint32_t place) { return blocks_.attached(place); }

std::shared_ptr<const void> Receiver::keep() {
  if (kept_) return kept_;
  switch (holding_) {
    case Holding::nothing:
    case Holding::copied:
      break;
    case Holding::in_ring:
      kept_ = blocks_.keep_message();
      break;
    case Holding::reassembled:
      kept_ = reassembly_.take_buffer();
      break;
    case Holding::handed_over:
      kept_ = hand_over_->take_front_buffer();
      break;
  }
  return kept_;
}

void Receiver::release_record() {
  if (reader_.release()) ringer_.after_space();
}

void Receiver::give_back_all() {
  reader_.give_back();
  ringer_.after_space();
}

}  // namespace vagus::transport::ring
