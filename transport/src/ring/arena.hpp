#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/wire/block.hpp>

#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

/// This side's memory for large messages and for what messages refer to, in blocks. The peer sees it and
/// cannot write it.
///
/// A block is in use while somebody here has it, and while the peer has given it back less often than it was
/// sent. The peer says so in `Control::returned`: a count for each block, which it alone writes, from any of
/// its threads and without waiting. Nobody is told; the counts are looked at when a block is wanted. So a
/// peer that keeps everything costs this link its blocks, and nobody anything else; it cannot take a block
/// back that is being written, since that one is in use here.
///
/// PAIR block-returned: the peer's last reading of a block lies before the count that gives it back, our next
/// writing after we have seen it.
///
/// All functions are safe from any thread.
class Arena final : public std::enable_shared_from_this<Arena> {
 public:
  /// Made by make_shared. `owner` keeps the memory of both sides mapped.
  Arena(std::span<std::byte> memory, const Control& peer, std::shared_ptr<const void> owner) noexcept;

  std::size_t size() const noexcept { return memory_.size(); }

  /// Null if there is no room, or no memory, or after a violation().
  std::shared_ptr<wire::Block> allocate(std::size_t size);

  /// What to write into a record that sends the first `size` bytes of a block of this arena.
  BlockReference lend(const wire::Block& block, std::size_t size) noexcept;

  /// Gives the memory behind the last block that is in use back to the kernel. True: that was all there is.
  bool trim() noexcept;

  /// What the peer did wrong; null: nothing so far.
  const char* violation() const noexcept;

 private:
  class OwnBlock;
  struct Entry {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::uint32_t sent = 0;  // wraps, like what it is compared with
    bool held = false;       // by somebody here
  };

  void let_go(std::uint32_t index) noexcept;
  void reclaim() VAGUS_REQUIRES(mutex_);
  /// Where a block of this size fits; the entries are in the order of their offsets. Past the end: nowhere.
  std::size_t find_place(std::size_t size, std::size_t& offset) const VAGUS_REQUIRES(mutex_);
  bool provide(std::size_t end) VAGUS_REQUIRES(mutex_);

  const std::span<std::byte> memory_;
  const Control& peer_;
  const std::shared_ptr<const void> owner_;

  mutable Mutex mutex_;
  std::array<Entry, max_blocks> entries_ VAGUS_GUARDED_BY(mutex_){};
  std::vector<std::uint32_t> used_ VAGUS_GUARDED_BY(mutex_);  // indices of entries, by their offsets
  std::vector<std::uint32_t> free_ VAGUS_GUARDED_BY(mutex_);
  std::size_t provided_ VAGUS_GUARDED_BY(mutex_) = 0;  // up to here there are pages
  const char* violation_ VAGUS_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace vagus::transport::ring
