#pragma once

#include <utility>

#include "local/access.hpp"
#include "local/path_lock.hpp"
#include "local/socket_address.hpp"
#include "posix/file_descriptor.hpp"

namespace vagus::transport::local {

/// A socket that listens under an address, which it gives free in its destructor.
///
/// A path has a lock file beside it, `<path>.lock`, that is under flock() for as long as somebody listens: it
/// decides who owns the path. So a socket file that its owner left behind is no obstacle, and a live one is
/// never taken away; neither is that of somebody who knows of no lock: only a file that the system says
/// nobody has is removed.
class Rendezvous {
 public:
  /// Mode and group are those of the file, exactly, whatever the umask; without meaning for abstract names.
  /// `socket_type`: SOCK_SEQPACKET or SOCK_STREAM. Throws TransportDisconnectedError that says who has the
  /// address, ApiParamError if the path is something else than a socket, PermissionDeniedError also if it
  /// cannot be known whether somebody has it.
  Rendezvous(const SocketAddress& address, const Access& access, int socket_type);
  Rendezvous(const Rendezvous&) = delete;
  Rendezvous& operator=(const Rendezvous&) = delete;

  /// The listening socket; whoever takes it closes it before this object goes.
  posix::FileDescriptor take_socket() noexcept { return std::move(socket_); }

 private:
  void bind_abstract();
  void bind_path(const Access& access);

  const SocketAddress address_;
  PathLock lock_;
  posix::FileDescriptor socket_;
};

}  // namespace vagus::transport::local
