#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "posix/file_descriptor.hpp"

namespace vagus::transport::posix {

/// More descriptors than these are refused by the kernel or closed.
inline constexpr std::size_t max_passed_descriptors = 4;

/// Sends one datagram and descriptors with it, without waiting. 0, or the number of the error: EAGAIN if the
/// peer's buffer is full.
int send_datagram(int socket, std::span<const std::byte> bytes,
                  std::span<const int> descriptors = {}) noexcept;

struct Datagram {
  enum class Status {
    received,
    nothing,  ///< none there now
    ended     ///< the peer has closed its end, or is dead
  };
  Status status = Status::nothing;
  std::size_t size = 0;    ///< bytes put into the buffer
  bool truncated = false;  ///< the datagram was larger than the buffer
  /// It carried more descriptors than these: too many, or this process has none free.
  bool descriptors_lost = false;
  std::array<FileDescriptor, max_passed_descriptors> descriptors;
  std::size_t descriptor_count = 0;
};

/// Takes one datagram, without waiting.
Datagram receive_datagram(int socket, std::span<std::byte> buffer) noexcept;

}  // namespace vagus::transport::posix
