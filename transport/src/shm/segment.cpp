#include "shm/segment.hpp"

#include <cerrno>
#include <new>

#include "posix/memory_file.hpp"
#include "posix/memory_pages.hpp"
#include "posix/system_error.hpp"

namespace vagus::transport::shm {

namespace {

using Access = posix::MemoryMapping::Access;

/// Only what was checked is mapped.
posix::MemoryMapping map_checked(int fd, std::size_t size, bool size_only) {
  posix::check_sealed_memory_file(fd, size, size_only);
  return posix::MemoryMapping(fd, size, Access::read_only);
}

std::span<std::byte> bytes_of(const std::optional<posix::MemoryMapping>& mapping) noexcept {
  return mapping ? std::span(mapping->data(), mapping->size()) : std::span<std::byte>();
}

}  // namespace

OwnSegment::OwnSegment(std::size_t ring_bytes, std::size_t arena_bytes)
    : ring_bytes_(ring_bytes),
      file_(posix::create_memory_file("vagus", ring::memory_size(ring_bytes))),
      mapping_(file_.get(), ring::memory_size(ring_bytes), Access::read_write) {
  posix::seal_memory_file(file_.get());
  // What either side touches before anything is sent: without memory for it an error here, and later a
  // signal that ends the process.
  if (!posix::provide_pages(std::span(mapping_.data(), ring::ring_offset + ring::page_size))) {
    posix::throw_system_error("madvise", "shared memory", ENOMEM);
  }
  ::new (mapping_.data()) ring::Control;
  memory().control->ring_bytes = ring_bytes;
  if (arena_bytes == 0) return;
  const posix::FileDescriptor file = posix::create_memory_file("vagus-arena", arena_bytes);
  arena_.emplace(file.get(), arena_bytes, Access::read_write);
  arena_file_ = posix::seal_size_of_memory_file(file.get());
}

ring::OwnMemory OwnSegment::memory() const noexcept {
  return {reinterpret_cast<ring::Control*>(mapping_.data()), mapping_.data() + ring::ring_offset, ring_bytes_,
          bytes_of(arena_)};
}

PeerSegment::PeerSegment(int fd, std::size_t ring_bytes, int arena_fd, std::size_t arena_bytes)
    : ring_bytes_(ring_bytes), mapping_(map_checked(fd, ring::memory_size(ring_bytes), false)) {
  if (arena_bytes != 0) arena_ = map_checked(arena_fd, arena_bytes, true);
}

ring::PeerMemory PeerSegment::memory() const noexcept {
  return {reinterpret_cast<const ring::Control*>(mapping_.data()), mapping_.data() + ring::ring_offset,
          ring_bytes_, bytes_of(arena_)};
}

}  // namespace vagus::transport::shm
