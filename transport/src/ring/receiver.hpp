#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "ring/doorbell.hpp"
#include "ring/hand_over.hpp"
#include "ring/reassembly.hpp"
#include "ring/received_blocks.hpp"
#include "ring/ring_reader.hpp"

namespace vagus::transport::ring {

/// Where small messages lie while they are decoded.
enum class Decoding : std::uint8_t {
  copied,   ///< in memory of this process
  in_place  ///< in the peer's ring
};

/// The receiving half of a link. By whoever holds the reader role.
///
/// Nothing that comes from the peer is read twice where that would matter, so that one that changes a message
/// under our eyes only confuses itself. That small messages, which means nearly all, are copied first, is the
/// second line: it takes some nanoseconds, and what they say then is settled.
class Receiver {
 public:
  /// `hand_over`: null where the peer is in another process. `owner` keeps the memory of both sides mapped.
  Receiver(const PeerMemory& peer, Control& own, std::shared_ptr<const void> owner, Ringer& ringer,
           HandOver* hand_over, std::size_t max_message_size, Decoding decoding);

  std::optional<std::span<const std::byte>> try_receive();
  void release();
  wire::ReceivedBlock attached(std::uint32_t place);
  std::shared_ptr<const void> keep();

  bool has_record() const noexcept { return reader_.has_record(); }
  const std::atomic<std::uint64_t>& next_header() const noexcept { return reader_.next_header(); }

  // When the link has ended, see RingReader.
  void end() noexcept { reader_.end(); }
  void end_here() noexcept { reader_.end_here(); }
  bool at_end() const noexcept { return reader_.at_end(); }

  /// What the peer did wrong; null: nothing so far. Then nothing more is received.
  const char* violation() const noexcept { return violation_ != nullptr ? violation_ : reader_.violation(); }

 private:
  enum class Holding : std::uint8_t {
    nothing,
    in_ring,
    copied,
    reassembled,
    handed_over
  };  // what came with blocks: one of the first two
  using Message = std::optional<std::span<const std::byte>>;

  /// True: the record is used up, go on with the next.
  bool take(const RingReader::Record& record, Message& message);
  void take_with_blocks(const RingReader::Record& record, Message& message);
  bool take_part(const RingReader::Record& record, Message& message);
  void hold_settled(std::span<const std::byte> bytes, Message& message);
  void hold(Holding holding, std::span<const std::byte> bytes, Message& message);
  void release_record();
  void give_back_all();

  RingReader reader_;
  Ringer& ringer_;
  HandOver* const hand_over_;
  const std::size_t max_message_size_;
  const Decoding decoding_;
  Reassembly reassembly_;
  ReceivedBlocks blocks_;
  std::shared_ptr<const void> kept_;  // the message last received
  Holding holding_ = Holding::nothing;
  std::span<const std::byte> message_;  // that is held
  static constexpr std::size_t largest_copied = 1024;
  std::array<std::byte, largest_copied> copy_;
  const char* violation_ = nullptr;
};

}  // namespace vagus::transport::ring
