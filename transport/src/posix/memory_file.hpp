#pragma once

#include <cstddef>

#include "posix/file_descriptor.hpp"

namespace vagus::transport::posix {

/// New memory of `size` zero bytes that has no name, only this descriptor. Throws if the system refuses.
FileDescriptor create_memory_file(const char* label, std::size_t size);

/// Fixes the size for ever and lets nobody map it writable from now on; mappings made before stay writable.
void seal_memory_file(int fd);

/// As that, but its pages may be given back to the kernel; what keeps others from mapping it writable is its
/// mode, which lets nobody open it for writing. Returns what to pass to them: open for reading only.
FileDescriptor seal_size_of_memory_file(int fd);

/// Throws ProtocolError unless the descriptor, which a peer has sent, is memory that was sealed by
/// seal_memory_file, or with `size_only` by seal_size_of_memory_file, and has this size: then no access
/// inside a mapping of it can fail, whatever the peer does later.
void check_sealed_memory_file(int fd, std::size_t size, bool size_only = false);

}  // namespace vagus::transport::posix
