#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <vagus/transport/link.hpp>

#include "ring/arena.hpp"
#include "ring/doorbell.hpp"
#include "ring/hand_over.hpp"
#include "ring/large_buffer.hpp"
#include "ring/ring_writer.hpp"

namespace vagus::transport::ring {

/// The sending half of a link: small messages straight into the ring, large ones in a block of the arena; if
/// there is none, from a buffer in parts, or handed over whole where the peer is in this process. By whoever
/// holds the send turn, but for has_room().
class Sender {
 public:
  /// `hand_over`: null where the peer is in another process. `arena`: null where there is none.
  Sender(const OwnMemory& own, const Control& peer, Ringer& ringer, HandOver* hand_over,
         Arena* arena) noexcept;

  ClaimStatus try_claim(std::size_t size, Slot& slot, Blocks blocks);
  bool commit(Slot& slot, std::size_t used);
  bool push(Slot& slot);
  void abandon(Slot& slot) noexcept;

  /// Whether a message of this size goes into a block, if there is one.
  bool uses_arena(std::size_t size) const noexcept { return size > max_inline_; }

  bool has_room() const noexcept { return writer_.has_room(); }

  /// What the peer did wrong; null: nothing so far. Then nothing more is sent.
  const char* violation() const noexcept { return violation_; }

 private:
  ClaimStatus claim(std::size_t size, Slot& slot);
  ClaimStatus claim_in_ring(std::size_t size, Slot& slot);
  ClaimStatus claim_large(std::size_t size, Slot& slot);
  bool send_whole(std::size_t used);
  bool send_block();
  void publish_with_blocks(std::span<std::byte> list, std::size_t length_in_block,
                           std::size_t length_in_ring);
  bool send_parts();
  bool reserve(std::size_t length, std::span<std::byte>& bytes) noexcept;
  void publish(RecordKind kind, std::size_t length) noexcept;
  bool finish_large(Slot& slot) noexcept;

  RingWriter writer_;
  Ringer& ringer_;
  HandOver* const hand_over_;
  Arena* const arena_;
  const std::size_t max_inline_;  // a larger message goes into a block, if there is one
  const char* violation_ = nullptr;

  std::vector<std::shared_ptr<wire::Block>> blocks_;  // of the message that is claimed
  std::span<std::byte> claimed_;                      // of it, in the ring, with what goes ahead of it

  LargeBuffer large_;     // of the large message that is claimed, or kept for the next
  std::size_t used_ = 0;  // so much of it is to be sent
  std::size_t sent_ = 0;  // so much of that is sent
};

}  // namespace vagus::transport::ring
