/// What one side of a link writes and the other reads: the bytes, and nothing but the bytes.
///
///   offset
///        0  +--------------------------------------------------------------------------------+
///           | magic | layout_version | (4 bytes unused) | ring_bytes                         |  written once
///      128  +--------------------------------------------------------------------------------+
///           | consumed: how far this side has read in the peer's ring, and given back        |  its reader
///      256  +--------------------------------------------------------------------------------+
///           | record_ticket | space_ticket | processor                                       |  who waits
///      384  +--------------------------------------------------------------------------------+
///           | record_bell | space_bell: futexes on which the peer's threads sleep            |  who rings
///      512  +--------------------------------------------------------------------------------+
///           | unused                                                                         |
///     1024  +--------------------------------------------------------------------------------+
///           | returned[256]: how often this side has given each of the peer's blocks back    |  who had it
///     2048  +--------------------------------------------------------------------------------+
///           | unused                                                                         |
///     4096  +--------------------------------------------------------------------------------+
///           | the ring of this side's records, ring_bytes long                               |  its sender
///           +--------------------------------------------------------------------------------+
///
/// Each side owns one such memory, and an arena of blocks for large messages and what they refer to, see
/// arena.hpp. It maps both of the peer's read-only. Parts with different writers lie two
/// cache lines apart, since processors fetch lines in pairs.
///
/// A record begins at a multiple of 64 bytes, has no gap and does not go round the end of the ring:
///
///        0       4      8
///        +-------+------+-------------------------------+
///        |length | kind | `length` bytes, then up to 63 |
///        +-------+------+-------------------------------+
///         \_ header _/    bytes of no meaning
///
/// The header is one 64-bit word. It is 0 until the record is complete, and writing it is what publishes the
/// record: whoever waits for a small message watches the very cache line that brings it, and nothing else.
/// For that, the header of the record to come has to be 0 before the one ahead of it is published, so that
/// the reader never takes old bytes for a header; that place is always kept free.
///
/// Positions count the bytes since the link began, never wrap (2^64) and are reduced to an offset in the ring
/// by its mask. A record that does not fit before the end of the ring is preceded by a padding record that
/// reaches to the end.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace vagus::transport::ring {

/// Bytes since the link began; a multiple of `record_alignment`.
using Position = std::uint64_t;

inline constexpr std::size_t record_alignment = 64;
inline constexpr std::size_t header_size = 8;
inline constexpr std::size_t ring_offset = 4096;
inline constexpr std::size_t min_ring_bytes = 4096;
inline constexpr std::size_t max_ring_bytes = std::size_t{1} << 30;

inline constexpr std::uint64_t layout_magic = 0x314d'4853'5547'4156;  // "VAGUSHM1" in memory
inline constexpr std::uint32_t layout_version = 2;
/// So many blocks of an arena are in use at once, at most.
inline constexpr std::size_t max_blocks = 256;

/// The part before the ring.
struct Control {
  alignas(128) std::uint64_t magic = layout_magic;
  std::uint32_t version = layout_version;
  std::uint32_t unused = 0;
  std::uint64_t ring_bytes = 0;

  alignas(128) std::atomic<Position> consumed{0};

  alignas(128) std::atomic<std::uint64_t> record_ticket{0};  ///< see doorbell.hpp
  std::atomic<std::uint64_t> space_ticket{0};
  std::atomic<std::uint32_t> processor{0};  ///< on which this side ran last, plus 1; 0: not known

  alignas(128) std::atomic<std::uint32_t> record_bell{0};
  std::atomic<std::uint32_t> space_bell{0};

  alignas(1024) std::array<std::atomic<std::uint32_t>, max_blocks> returned{};  ///< wraps
};

static_assert(offsetof(Control, magic) == 0);
static_assert(offsetof(Control, version) == 8);
static_assert(offsetof(Control, ring_bytes) == 16);
static_assert(offsetof(Control, consumed) == 128);
static_assert(offsetof(Control, record_ticket) == 256);
static_assert(offsetof(Control, space_ticket) == 264);
static_assert(offsetof(Control, processor) == 272);
static_assert(offsetof(Control, record_bell) == 384);
static_assert(offsetof(Control, space_bell) == 388);
static_assert(offsetof(Control, returned) == 1024);
static_assert(sizeof(Control) == 2048 && sizeof(Control) <= ring_offset);
static_assert(std::is_standard_layout_v<Control> && std::is_trivially_destructible_v<Control>);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(sizeof(std::atomic<std::uint64_t>) == 8 && sizeof(std::atomic<std::uint32_t>) == 4);

enum class RecordKind : std::uint32_t {
  none = 0,         ///< not published yet
  message = 1,      ///< a whole message
  padding = 2,      ///< skip to the start of the ring; `length` means nothing
  first_part = 3,   ///< 8 bytes that say the size of a large message, then its beginning
  next_part = 4,    ///< more of it; it is complete when it has its size
  broken_off = 5,   ///< what was sent of a large message is void
  handed_over = 6,  ///< a large message lies in the process's memory; only between two ends in one process
  with_blocks = 7,  ///< a whole message and references to blocks; see BlockList
};

struct RecordHeader {
  RecordKind kind = RecordKind::none;
  std::uint32_t length = 0;

  constexpr std::uint64_t word() const noexcept {
    return std::uint64_t{static_cast<std::uint32_t>(kind)} << 32 | length;
  }
  static constexpr RecordHeader from(std::uint64_t word) noexcept {
    return {static_cast<RecordKind>(word >> 32), static_cast<std::uint32_t>(word)};
  }
};

/// What a record with blocks begins with; then come as many references, then the message, unless that is the
/// first of the blocks itself.
struct BlockList {
  std::uint32_t count = 0;
  std::uint32_t first_is_message = 0;  ///< 1 or 0
};
struct BlockReference {
  std::uint64_t offset = 0;  ///< in the sender's arena; a multiple of `page_size`
  std::uint64_t size = 0;
  std::uint32_t index = 0;  ///< in `returned`
  std::uint32_t unused = 0;
};
static_assert(sizeof(BlockList) == 8 && sizeof(BlockReference) == 24);

constexpr std::size_t block_list_size(std::size_t count) noexcept {
  return sizeof(BlockList) + count * sizeof(BlockReference);
}

/// The size of the whole message, ahead of the bytes of its first part.
using MessageSize = std::uint64_t;

constexpr std::size_t record_size(std::size_t length) noexcept {
  return (header_size + length + record_alignment - 1) & ~(record_alignment - 1);
}

/// The longest record. A quarter of the ring: with the padding ahead of it, it always fits into an empty
/// ring.
constexpr std::size_t max_record_length(std::size_t ring_bytes) noexcept {
  return ring_bytes / 4 - header_size;
}

/// Larger messages go in parts of this length, so that one side fills while the other empties.
constexpr std::size_t part_length(std::size_t ring_bytes) noexcept { return ring_bytes / 8 - header_size; }

constexpr bool valid_ring_bytes(std::uint64_t ring_bytes) noexcept {
  return ring_bytes >= min_ring_bytes && ring_bytes <= max_ring_bytes && std::has_single_bit(ring_bytes);
}

constexpr std::size_t page_size = 4096;
constexpr std::size_t max_arena_bytes = std::size_t{1} << 36;

/// 0: this side lends nothing.
constexpr bool valid_arena_bytes(std::uint64_t arena_bytes) noexcept {
  return arena_bytes <= max_arena_bytes && arena_bytes % page_size == 0;
}

constexpr std::size_t memory_size(std::size_t ring_bytes) noexcept { return ring_offset + ring_bytes; }

/// This side's own memory.
struct OwnMemory {
  Control* control = nullptr;
  std::byte* ring = nullptr;
  std::size_t ring_bytes = 0;
  std::span<std::byte> arena = {};

  std::byte* at(Position position) const noexcept { return ring + (position & (ring_bytes - 1)); }
  std::atomic<std::uint64_t>& header_at(Position position) const noexcept {
    return *reinterpret_cast<std::atomic<std::uint64_t>*>(at(position));
  }
};

/// The peer's memory. Every value in it is a claim, and may be another one when it is read again.
struct PeerMemory {
  const Control* control = nullptr;
  const std::byte* ring = nullptr;
  std::size_t ring_bytes = 0;
  std::span<const std::byte> arena = {};

  const std::byte* at(Position position) const noexcept { return ring + (position & (ring_bytes - 1)); }
  const std::atomic<std::uint64_t>& header_at(Position position) const noexcept {
    return *reinterpret_cast<const std::atomic<std::uint64_t>*>(at(position));
  }
};

}  // namespace vagus::transport::ring
