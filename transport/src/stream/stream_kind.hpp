#pragma once

#include <memory>

#include "posix/file_descriptor.hpp"
#include "stream/byte_stream.hpp"

namespace vagus::transport::stream {

/// What becomes of a connected socket, by the kind of transport. Throws PermissionDeniedError for a peer that
/// may not be there. Safe from any thread.
class StreamKind {
 public:
  virtual ~StreamKind() = default;
  virtual std::unique_ptr<ByteStream> accepted(posix::FileDescriptor socket) const = 0;
  virtual std::unique_ptr<ByteStream> connected(posix::FileDescriptor socket) const = 0;
};

}  // namespace vagus::transport::stream
