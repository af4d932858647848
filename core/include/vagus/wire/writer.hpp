/// Writes MessagePack.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include <vagus/wire/big_endian.hpp>

namespace vagus::wire {

class Attachments;

/// Writes MessagePack values one after the other into memory of the caller, or only counts their bytes.
///
/// Every value gets its smallest encoding. Nothing is ever allocated, and nothing is written past the end:
/// from the first value that does not fit, values are only counted, overflowed() is true and size() says how
/// much room all of them would have needed.
///
/// An array or a map is its header, array(n) or map(n), followed by n values, or n keys each followed by its
/// value. That the numbers agree is the caller's business.
///
/// Threads: one at a time. Throws std::length_error for what the format cannot express, 2^32 bytes or
/// elements in one value, and nothing else.
class Writer {
 public:
  /// Writes into `out`, which outlives the writer.
  explicit Writer(std::span<std::byte> out) noexcept
      : begin_(out.data()), position_(out.data()), end_(out.data() + out.size()) {}

  /// Writes nowhere: only size() is of interest.
  static Writer counting() noexcept {
    Writer writer{std::span<std::byte>{}};
    writer.counting_ = true;
    return writer;
  }

  /// Was it made by counting()?
  bool counts_only() const noexcept { return counting_; }

  void nil() { put(0xc0); }
  void boolean(bool value) { put(value ? 0xc3 : 0xc2); }

  void integer(std::int64_t value) {
    if (value >= 0) return unsigned_integer(static_cast<std::uint64_t>(value));
    if (value >= -32) return put(static_cast<std::uint8_t>(value));
    if (value >= INT8_MIN) return put(0xd0, static_cast<std::uint8_t>(value));
    if (value >= INT16_MIN) return put(0xd1, static_cast<std::uint16_t>(value));
    if (value >= INT32_MIN) return put(0xd2, static_cast<std::uint32_t>(value));
    put(0xd3, static_cast<std::uint64_t>(value));
  }

  void unsigned_integer(std::uint64_t value) {
    if (value < 0x80) return put(static_cast<std::uint8_t>(value));
    if (value <= UINT8_MAX) return put(0xcc, static_cast<std::uint8_t>(value));
    if (value <= UINT16_MAX) return put(0xcd, static_cast<std::uint16_t>(value));
    if (value <= UINT32_MAX) return put(0xce, static_cast<std::uint32_t>(value));
    put(0xcf, value);
  }

  /// Four bytes and eight: a float is not widened.
  void real(float value) { put(0xca, std::bit_cast<std::uint32_t>(value)); }
  void real(double value) { put(0xcb, std::bit_cast<std::uint64_t>(value)); }

  /// Text, which ought to be UTF-8; this is not checked.
  void str(std::string_view text) {
    if (text.size() < 32) {
      put(static_cast<std::uint8_t>(0xa0 | text.size()));
    } else {
      length(0xd9, 0xda, 0xdb, text.size());
    }
    append(text.data(), text.size());
  }

  void bin(std::span<const std::byte> bytes) {
    length(0xc4, 0xc5, 0xc6, bytes.size());
    append(bytes.data(), bytes.size());
  }

  void array(std::size_t elements) {
    if (elements < 16) return put(static_cast<std::uint8_t>(0x90 | elements));
    length(0, 0xdc, 0xdd, elements);
  }

  void map(std::size_t entries) {
    if (entries < 16) return put(static_cast<std::uint8_t>(0x80 | entries));
    length(0, 0xde, 0xdf, entries);
  }

  /// An extension value. Negative types belong to MessagePack itself; -1 is the timestamp.
  void ext(std::int8_t type, std::span<const std::byte> bytes);

  /// Bytes that are one or more MessagePack values already. They are not looked at.
  void raw(std::span<const std::byte> bytes) { append(bytes.data(), bytes.size()); }

  /// Bytes written or counted so far; more than there is room for if overflowed().
  std::size_t size() const noexcept { return static_cast<std::size_t>(position_ - begin_) + counted_; }

  /// Did something not fit? Never true for a counting writer.
  bool overflowed() const noexcept { return counted_ != 0 && !counting_; }

  /// What is packed may refer to blocks of the link that the message goes out on. Null: it may not.
  void set_attachments(Attachments* attachments) noexcept { attachments_ = attachments; }
  Attachments* attachments() const noexcept { return attachments_; }

  /// What msgpack::packer asks of its stream: the same as raw().
  Writer& write(const char* bytes, std::size_t size) {
    append(bytes, size);
    return *this;
  }

  /// Around what is packed through a pointer, so that a ring of pointers is an error and no endless loop.
  class Indirection {
   public:
    /// Throws std::length_error for more than 512 of them inside each other: nobody would read that.
    explicit Indirection(Writer& writer);
    ~Indirection() { --writer_.indirections_; }
    Indirection(const Indirection&) = delete;
    Indirection& operator=(const Indirection&) = delete;

   private:
    Writer& writer_;
  };

 private:
  // Room for `size` bytes, or null where they are only counted.
  std::byte* claim(std::size_t size) noexcept {
    if (static_cast<std::size_t>(end_ - position_) < size) [[unlikely]] {
      counted_ += size;
      end_ = position_;
      return nullptr;
    }
    std::byte* const at = position_;
    position_ += size;
    return at;
  }

  void put(std::uint8_t lead) noexcept {
    if (std::byte* const at = claim(1)) *at = std::byte{lead};
  }

  template <class U>
  void put(std::uint8_t lead, U value) noexcept {
    if (std::byte* const at = claim(1 + sizeof value)) {
      *at = std::byte{lead};
      detail::store(at + 1, value);
    }
  }

  void append(const void* bytes, std::size_t size) noexcept {
    if (size == 0) return;
    if (std::byte* const at = claim(size)) std::memcpy(at, bytes, size);
  }

  // A length with the lead byte of its width; 0 where there is none of 8 bits.
  void length(std::uint8_t lead8, std::uint8_t lead16, std::uint8_t lead32, std::size_t value) {
    if (lead8 != 0 && value <= UINT8_MAX) return put(lead8, static_cast<std::uint8_t>(value));
    if (value <= UINT16_MAX) return put(lead16, static_cast<std::uint16_t>(value));
    if (value > UINT32_MAX) [[unlikely]]
      fail_too_long(value);
    put(lead32, static_cast<std::uint32_t>(value));
  }

  [[noreturn]] static void fail_too_long(std::size_t length);

  std::byte* begin_;
  std::byte* position_;
  std::byte* end_;
  std::size_t counted_ = 0;  // bytes that were not written
  Attachments* attachments_ = nullptr;
  std::uint32_t indirections_ = 0;
  bool counting_ = false;
};

}  // namespace vagus::wire
