#pragma once

#include <cstddef>

#include "posix/file_descriptor.hpp"
#include "posix/memory_mapping.hpp"
#include "ring/ring_layout.hpp"

namespace vagus::transport::shm {

/// The memory that this side writes: mapped writable here, and sealed, so that the peer can neither map it
/// writable nor change its size.
class OwnSegment {
 public:
  explicit OwnSegment(std::size_t ring_bytes);

  /// To be passed to the peer.
  int fd() const noexcept { return file_.get(); }
  /// The mapping stays; nobody else gets at the memory any more.
  void close_file() noexcept { file_.reset(); }

  ring::OwnMemory memory() const noexcept;

 private:
  std::size_t ring_bytes_;
  posix::FileDescriptor file_;
  posix::MemoryMapping mapping_;
};

/// The memory that the peer writes.
class PeerSegment {
 public:
  /// Throws ProtocolError if it is not what an OwnSegment of this size passes.
  PeerSegment(int fd, std::size_t ring_bytes);

  ring::PeerMemory memory() const noexcept;

 private:
  std::size_t ring_bytes_;
  posix::MemoryMapping mapping_;
};

}  // namespace vagus::transport::shm
