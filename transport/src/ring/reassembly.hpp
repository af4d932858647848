#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "ring/large_buffer.hpp"
#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

/// Puts the parts of a large message together, in memory of our own. A message's size is the peer's word:
/// memory is taken as the bytes come in.
class Reassembly {
 public:
  Reassembly(std::size_t max_size, std::size_t keep) noexcept : max_size_(max_size), keep_(keep) {}

  // Both: null, or what the peer did wrong.
  [[nodiscard]] const char* begin(std::span<const std::byte> first_part);
  [[nodiscard]] const char* append(std::span<const std::byte> part);

  bool complete() const noexcept { return size_ != 0 && received_ == size_; }
  std::span<const std::byte> message() const noexcept { return buffer_.first(size_); }
  /// Gives the memory of the complete message away; the message stays where it is until clear().
  std::shared_ptr<const void> take_buffer();
  /// Forgets the message, or what there is of it.
  void clear() noexcept;

 private:
  void grow(std::size_t needed);

  const std::size_t max_size_;
  const std::size_t keep_;  // a buffer of at most this size stays for the next message
  LargeBuffer buffer_;
  std::size_t size_ = 0;  // of the whole message; 0: none has begun
  std::size_t received_ = 0;
};

}  // namespace vagus::transport::ring
