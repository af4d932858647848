#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include <vagus/wire/splitter.hpp>

#include "stream/byte_stream.hpp"

namespace vagus::transport::stream {

/// What has come over a stream and was not taken yet. Threads: one at a time.
class Input {
 public:
  explicit Input(const wire::Limits& limits) : splitter_(limits) {}

  /// The next message, valid until release(), which comes before anything else; empty if there is none as a
  /// whole. Throws wire::MalformedError.
  std::optional<std::span<const std::byte>> next();
  void release() noexcept;
  /// Would next() give one, or throw?
  bool has_message() noexcept;

  /// Reads once. The memory grows with what has come, not with what was announced.
  Transfer fill(ByteStream& stream);
  /// Did the last fill() use all the room there was, so that more may be there?
  bool was_filled() const noexcept { return was_filled_; }

  /// The first byte of what has come and was not taken.
  std::optional<std::byte> first() const noexcept {
    return unread() == 0 ? std::nullopt : std::optional(data_[begin_]);
  }
  /// Bytes of a message that is not there as a whole, or that nobody has looked at.
  std::size_t unread() const noexcept { return end_ - begin_; }
  std::size_t capacity() const noexcept { return capacity_; }
  /// Gives memory back if nothing lies in it.
  void trim() noexcept;

 private:
  void make_room();

  wire::Splitter splitter_;
  std::unique_ptr<std::byte[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t found_ = 0;  // size of the first message, once it is there
  bool was_filled_ = false;
};

}  // namespace vagus::transport::stream
