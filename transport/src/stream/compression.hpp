#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <vagus/wire/hello.hpp>

/// Large messages in their compressed form, `[3, size, bin]`: a message as any other to who looks for its
/// end. Which of them were compressed is up to the sender; only between peers that have both said so.
namespace vagus::transport::stream {

/// In a hello: takes compressed messages, and may send them.
inline constexpr std::string_view zstd_capability = "zstd";

/// Smaller ones are sent as they are: what compressing and decompressing takes would be paid back only by
/// networks that are slower than 300 Mbit/s, and a packet or two is sent in any case.
inline constexpr std::size_t least_compressed_size = 4096;

bool offers_compression(const wire::Hello& hello) noexcept;

/// Puts the compressed form in the place of a message, if that is shorter. The size of what stands there
/// then.
std::size_t compress_in_place(std::span<std::byte> message);

/// Does it begin as the compressed form does, and no other message?
bool is_compressed(std::span<const std::byte> message) noexcept;

/// Memory for one message that was compressed. Threads: one at a time.
class Decompressed {
 public:
  /// The message, valid until the next call of anything. What it announces is checked against `max_size`
  /// before memory is taken. Throws wire::DecodeError.
  std::span<const std::byte> take(std::span<const std::byte> compressed, std::size_t max_size);
  std::size_t capacity() const noexcept { return capacity_; }
  /// Gives the memory back.
  void trim() noexcept;

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t capacity_ = 0;
};

}  // namespace vagus::transport::stream
