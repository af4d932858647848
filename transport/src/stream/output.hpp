#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "stream/byte_stream.hpp"

namespace vagus::transport::stream {

/// What waits to be written to a stream: whole messages, in one piece, so that one system call takes as many
/// as there is room for. Threads: one at a time; only the bytes that were claimed may be filled meanwhile.
class Output {
 public:
  /// So many bytes may wait, or one message of any size.
  static constexpr std::size_t limit = 256 * 1024;

  bool has_room(std::size_t size) const noexcept { return pending() == 0 || pending() + size <= limit; }

  /// Memory for a message; there has to be room, and no other claim.
  std::span<std::byte> claim(std::size_t size);
  void commit(std::size_t used) noexcept;
  void abandon() noexcept { claimed_ = 0; }
  bool is_claimed() const noexcept { return claimed_ != 0; }

  /// The same in one: for what nobody fills in place.
  void append(std::span<const std::byte> message);

  /// Writes until nothing is left, or the stream takes no more for now.
  Transfer flush(ByteStream& stream);

  std::size_t pending() const noexcept { return end_ - begin_; }
  /// Forgets what waits, but for a claim.
  void drop() noexcept { begin_ = end_; }
  std::size_t capacity() const noexcept { return capacity_; }
  /// Gives memory back if nothing lies in it.
  void trim() noexcept;

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t claimed_ = 0;
};

}  // namespace vagus::transport::stream
