#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <vagus/wire/block.hpp>

#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

/// The blocks that come with one message: the peer's memory, given back when the message was released and
/// nobody keeps them any more. By whoever holds the reader role; what is kept may be let go of by any thread.
class ReceivedBlocks {
 public:
  /// `owner` keeps the memory of both sides mapped.
  ReceivedBlocks(std::span<const std::byte> arena, Control& own, std::shared_ptr<const void> owner) noexcept;

  /// Takes what a record with blocks begins with, and leaves the message in `rest`. Null, or what the peer
  /// did wrong: then nothing is taken.
  [[nodiscard]] const char* take(std::span<const std::byte> record, std::span<const std::byte>& message);

  /// What came as this place, not counting one that is the message itself.
  wire::ReceivedBlock attached(std::uint32_t place);
  /// Keeps the block that is the message itself; null if none is.
  std::shared_ptr<const void> keep_message();

  /// Gives back what nobody keeps.
  void release() noexcept;

 private:
  struct Entry {
    std::span<const std::byte> bytes;
    std::uint32_t index = 0;
    std::shared_ptr<const void> keeper;  // made when somebody wants to keep it
  };
  class Keeper;

  const char* check(const BlockReference& reference) const noexcept;
  const std::shared_ptr<const void>& keep(Entry& entry);
  static void give_back(Control& own, std::uint32_t index) noexcept;

  const std::span<const std::byte> arena_;
  Control& own_;
  const std::shared_ptr<const void> owner_;
  std::vector<Entry> entries_;
  bool first_is_message_ = false;
};

}  // namespace vagus::transport::ring
