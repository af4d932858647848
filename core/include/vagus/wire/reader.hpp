/// Reads MessagePack, without trust.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <vagus/wire/big_endian.hpp>
#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/limits.hpp>

namespace vagus::wire {

namespace detail {

/// The first byte of a value. Where the sender shares the memory of a message it may change it at any time,
/// so that this byte is loaded once and kept: what was checked is what is used.
inline std::uint8_t load_lead(const std::byte* at) noexcept {
  return __atomic_load_n(reinterpret_cast<const std::uint8_t*>(at), __ATOMIC_RELAXED);
}

}  // namespace detail

/// The kinds of value that MessagePack knows.
enum class Kind : std::uint8_t { nil, boolean, integer, real, str, bin, array, map, ext };

/// As it stands in messages to people: "an integer", "a str", ...
const char* to_string(Kind kind) noexcept;

/// Any integer of MessagePack: from -2^63 to 2^64 - 1.
struct Integer {
  std::uint64_t bits = 0;  ///< the value, or if `negative` the value in two's complement
  bool negative = false;
};

/// An extension value: bytes whose meaning depends on their type. Negative types belong to MessagePack
/// itself.
struct Ext {
  std::int8_t type = 0;
  std::span<const std::byte> bytes = {};
};

/// Pulls one value after the other out of bytes that belong to somebody else, and that nobody has vouched
/// for.
///
/// Every length and every count is checked against the bytes that are really there before it is returned:
/// each element of an array takes at least one byte, each entry of a map at least two. Nothing is ever
/// allocated, but for the text of an error.
///
/// Throws MalformedError where the bytes end too early, are no MessagePack, or are nested too deeply;
/// TypeError where the value is of another kind, or out of range. After an error the reader still stands
/// before that value.
///
/// Threads: one at a time. Views that are returned live as long as the bytes do, not the reader.
class Reader {
 public:
  using Kind = wire::Kind;

  /// No limit of depth is larger than this.
  static constexpr std::size_t max_depth = 512;

  /// Reads `bytes`, which may hold any number of values, each nested `depth_limit` levels deep at most.
  explicit Reader(std::span<const std::byte> bytes, std::size_t depth_limit = Limits{}.depth) noexcept
      : begin_(bytes.data()),
        position_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        depth_limit_(static_cast<std::uint32_t>(depth_limit < max_depth ? depth_limit : max_depth)) {}

  /// The kind of the next value.
  Kind peek() const;

  bool at_end() const noexcept { return position_ == end_; }
  /// Bytes read so far.
  std::size_t offset() const noexcept { return static_cast<std::size_t>(position_ - begin_); }
  /// Bytes that are left.
  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - position_); }

  void nil() {
    if (!try_nil()) fail_type("nil");
  }

  /// Skips nil and returns true, or returns false and skips nothing.
  bool try_nil() {
    if (position_ == end_ || *position_ != std::byte{0xc0}) return false;
    ++position_;
    return true;
  }

  bool boolean() {
    const std::uint8_t lead = position_ == end_ ? std::uint8_t{0} : detail::load_lead(position_);
    if ((lead | 1U) != 0xc3) [[unlikely]]
      fail_type("a boolean");
    ++position_;
    return lead == 0xc3;
  }

  /// An integer of any width, from `least` to `most`. A real number is no integer, not even 1.0.
  std::int64_t integer(std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
    if (position_ != end_) [[likely]] {
      // -32 to 127 are one byte, which is its own value.
      const auto value = static_cast<std::int8_t>(detail::load_lead(position_));
      if (value >= -32 && value >= least && value <= most) [[likely]] {
        ++position_;
        return value;
      }
    }
    return wide_integer(least, most);
  }

  /// An integer of any width, from 0 to `most`.
  std::uint64_t unsigned_integer(std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
    if (position_ != end_) [[likely]] {
      const std::uint8_t value = detail::load_lead(position_);
      if (value < 0x80 && value <= most) [[likely]] {
        ++position_;
        return value;
      }
    }
    return wide_unsigned_integer(most);
  }

  /// An integer of any width and any value.
  Integer any_integer() {
    if (position_ != end_) [[likely]] {
      const std::uint8_t value = detail::load_lead(position_);
      if (value < 0x80) [[likely]] {
        ++position_;
        return {value, false};
      }
    }
    return wide_any_integer();
  }

  /// A real number of either width, or an integer that a double holds exactly (another one is a TypeError: it
  /// would be changed silently).
  double real() {
    if (remaining() >= 9 && *position_ == std::byte{0xcb}) [[likely]] {
      const auto bits = detail::load<std::uint64_t>(position_ + 1);
      position_ += 9;
      return std::bit_cast<double>(bits);
    }
    return other_real();
  }

  /// The bytes of a str, in the message itself. They ought to be UTF-8, but nobody has checked.
  std::string_view str() {
    std::string_view text;
    return try_short_str(text) ? text : long_str(false);
  }

  /// The same, of what bin() reads: there are peers that send names as bin.
  std::string_view text() {
    std::string_view text;
    return try_short_str(text) ? text : long_str(true);
  }

  /// The bytes of a bin or a str, in the message itself; or of a block that the message brings along.
  std::span<const std::byte> bin();

  /// The bytes of a block, if a reference to one stands here that the message which this thread decodes
  /// brings along; valid as long as that message. Else nothing, and nothing is skipped. One reader gives each
  /// block once, in their order: MalformedError for another reference to it.
  std::optional<std::span<const std::byte>> try_block();

  /// The header of an array: as many values follow as it says.
  std::size_t array() {
    if (position_ != end_) [[likely]] {
      const std::uint8_t lead = detail::load_lead(position_);
      const std::size_t count = lead & 0x0fu;
      if ((lead & 0xf0u) == 0x90 && count < remaining()) [[likely]] {
        ++position_;
        return count;
      }
    }
    return long_container(Kind::array);
  }

  /// The header of a map: as many keys follow as it says, each with its value behind it.
  std::size_t map() {
    if (position_ != end_) [[likely]] {
      const std::uint8_t lead = detail::load_lead(position_);
      const std::size_t count = lead & 0x0fu;
      if ((lead & 0xf0u) == 0x80 && 2 * count < remaining()) [[likely]] {
        ++position_;
        return count;
      }
    }
    return long_container(Kind::map);
  }

  Ext ext();

  /// Skips one whole value, with all that is in it, checks that it is valid MessagePack, and returns its
  /// bytes.
  std::span<const std::byte> skip();

  /// Stands for one level of nesting while it lives. Whoever calls itself to read what is inside an array or
  /// a map makes one first: hostile nesting then is an error and no stack overflow.
  class Level {
   public:
    /// Throws MalformedError beyond the limit of depth.
    explicit Level(Reader& reader) : reader_(reader) {
      if (reader.depth_ >= reader.depth_limit_) [[unlikely]]
        reader.fail_depth(reader.position_);
      ++reader.depth_;
    }
    ~Level() { --reader_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Reader& reader_;
  };

  /// Throws a TypeError: `expected` was expected where the reader stands. For codecs of other types;
  /// `expected` reads like "an integer from 1 to 12".
  [[noreturn]] void fail_type(std::string_view expected) const;
  /// The same about the value that begins at `offset` and was read already.
  [[noreturn]] void fail_type(std::string_view expected, std::size_t offset) const;
  /// Throws a MalformedError about the place where the reader stands.
  [[noreturn]] void fail_malformed(std::string_view reason) const;

 private:
  struct Head;
  struct PathLevel;

  bool try_short_str(std::string_view& text) noexcept {
    if (position_ == end_) return false;
    const std::uint8_t lead = detail::load_lead(position_);
    const std::size_t size = lead & 0x1fu;
    if ((lead & 0xe0u) != 0xa0 || size >= remaining()) return false;
    text = {reinterpret_cast<const char*>(position_ + 1), size};
    position_ += 1 + size;
    return true;
  }

  // The rarer encodings, and the errors.
  std::int64_t wide_integer(std::int64_t least, std::int64_t most);
  std::uint64_t wide_unsigned_integer(std::uint64_t most);
  Integer wide_any_integer();
  double other_real();
  std::string_view long_str(bool also_bin);
  std::size_t long_container(Kind kind);

  Head head(const std::byte* at) const;
  Integer integer_here(std::size_t& size) const;
  Head expect(Kind kind, std::string_view expected) const;
  [[noreturn]] void fail_malformed(std::string_view reason, const std::byte* at) const;
  [[noreturn]] void fail_cut_off(const std::byte* at, Kind kind, std::size_t announced,
                                 std::size_t there) const;
  [[noreturn]] void fail_c1(const std::byte* at) const;
  [[noreturn]] void fail_depth(const std::byte* at) const;
  std::string place(const std::byte* at) const;
  std::string path_to(const std::byte* target) const;
  std::string found(const std::byte* at) const;

  const std::byte* begin_;
  const std::byte* position_;
  const std::byte* end_;
  std::uint32_t depth_limit_;
  std::uint32_t depth_ = 0;
  std::uint32_t next_place_ = 0;  // of the blocks of the message: those before have been read
  std::size_t block_bytes_ = 0;   // in those that have been read
};

}  // namespace vagus::wire
