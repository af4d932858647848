#include "shm/segment.hpp"

#include <new>

#include "posix/memory_file.hpp"

namespace vagus::transport::shm {

namespace {

/// Only what was checked is mapped.
posix::MemoryMapping map_checked(int fd, std::size_t size) {
  posix::check_sealed_memory_file(fd, size);
  return posix::MemoryMapping(fd, size, posix::MemoryMapping::Access::read_only);
}

}  // namespace

OwnSegment::OwnSegment(std::size_t ring_bytes)
    : ring_bytes_(ring_bytes),
      file_(posix::create_memory_file("vagus", ring::memory_size(ring_bytes))),
      mapping_(file_.get(), ring::memory_size(ring_bytes), posix::MemoryMapping::Access::read_write) {
  posix::seal_memory_file(file_.get());
  ::new (mapping_.data()) ring::Control;
  memory().control->ring_bytes = ring_bytes;
}

ring::OwnMemory OwnSegment::memory() const noexcept {
  return {reinterpret_cast<ring::Control*>(mapping_.data()), mapping_.data() + ring::ring_offset,
          ring_bytes_};
}

PeerSegment::PeerSegment(int fd, std::size_t ring_bytes)
    : ring_bytes_(ring_bytes), mapping_(map_checked(fd, ring::memory_size(ring_bytes))) {}

ring::PeerMemory PeerSegment::memory() const noexcept {
  return {reinterpret_cast<const ring::Control*>(mapping_.data()), mapping_.data() + ring::ring_offset,
          ring_bytes_};
}

}  // namespace vagus::transport::shm
