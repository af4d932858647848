#pragma once

#include <cstddef>
#include <optional>

#include "posix/file_descriptor.hpp"
#include "posix/memory_mapping.hpp"
#include "ring/ring_layout.hpp"

namespace vagus::transport::shm {

/// The memory that this side writes: mapped writable here, and sealed, so that the peer can neither map it
/// writable nor change its size. The arena is a file of its own, whose pages can be given back to the kernel.
class OwnSegment {
 public:
  explicit OwnSegment(std::size_t ring_bytes, std::size_t arena_bytes = 0);

  // To be passed to the peer.
  int fd() const noexcept { return file_.get(); }
  /// -1: there is no arena.
  int arena_fd() const noexcept { return arena_file_.get(); }
  /// The mappings stay; nobody else gets at the memory any more.
  void close_files() noexcept {
    file_.reset();
    arena_file_.reset();
  }

  ring::OwnMemory memory() const noexcept;

 private:
  std::size_t ring_bytes_;
  posix::FileDescriptor file_;
  posix::MemoryMapping mapping_;
  posix::FileDescriptor arena_file_;
  std::optional<posix::MemoryMapping> arena_;
};

/// The memory that the peer writes.
class PeerSegment {
 public:
  /// Throws ProtocolError if it is not what an OwnSegment of this size passes. `arena_fd` -1: there is none.
  PeerSegment(int fd, std::size_t ring_bytes, int arena_fd = -1, std::size_t arena_bytes = 0);

  ring::PeerMemory memory() const noexcept;

 private:
  std::size_t ring_bytes_;
  posix::MemoryMapping mapping_;
  std::optional<posix::MemoryMapping> arena_;
};

}  // namespace vagus::transport::shm
