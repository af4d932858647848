#pragma once

#include <string>

#include <vagus/transport/link.hpp>

#include "posix/file_descriptor.hpp"

namespace vagus::transport::shm {

/// Where the sockets of an acceptor come from: a descriptor that becomes readable when there is one. Safe
/// from any thread.
class SocketSource {
 public:
  enum class Status {
    taken,
    nothing,    ///< none there now
    again,      ///< this one was none; there may be others
    exhausted,  ///< one is there, but the system has no descriptor or memory for it now
    ended       ///< none will come any more
  };
  struct Taken {
    Status status = Status::nothing;
    posix::FileDescriptor socket;
    int error = 0;  ///< of exhaustion
  };

  virtual ~SocketSource() = default;
  /// For messages: the address.
  virtual const std::string& text() const noexcept = 0;
  /// Takes the next socket from `descriptor`, without waiting.
  virtual Taken take(int descriptor) const = 0;
  /// Throws PermissionDeniedError if the process at the other end may not be there.
  virtual void check(const Credentials& peer) const = 0;
  /// The descriptor has ended; called once, with no lock held.
  virtual void ended() const = 0;
};

}  // namespace vagus::transport::shm
