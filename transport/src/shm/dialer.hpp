#pragma once

#include <memory>
#include <optional>
#include <string>

#include <vagus/transport/link.hpp>

#include "posix/file_descriptor.hpp"
#include "shm/peer_fate.hpp"

namespace vagus::transport::shm {

/// A socket to somebody who listens, or will.
struct Dialled {
  posix::FileDescriptor socket;
  Credentials peer;
  std::shared_ptr<const PeerFate> fate;  ///< null: nobody knows more than the socket
};

/// How an attempt to connect comes by its socket. Used by one thread at a time.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// For messages: the address.
  virtual const std::string& text() const noexcept = 0;
  /// Waits for nothing. Empty: not now, to be tried again in a moment. Throws why there is nobody, or nobody
  /// to talk to.
  virtual std::optional<Dialled> dial() = 0;
  /// Why there was no socket, if dial() was empty for too long.
  virtual std::string busy() const = 0;
};

}  // namespace vagus::transport::shm
