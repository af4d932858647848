#include "shm/address_dialer.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include <vagus/core/error.hpp>

#include "posix/peer_credentials.hpp"
#include "posix/system_error.hpp"
#include "posix/unix_socket.hpp"

namespace vagus::transport::shm {

std::optional<Dialled> AddressDialer::dial() {
  posix::FileDescriptor socket = posix::create_seqpacket_socket();
  if (!try_connect(socket.get())) return std::nullopt;
  const Credentials peer = posix::peer_credentials(socket.get());
  local::check_access(address_, access_, peer);
  return Dialled{std::move(socket), peer, nullptr};
}

bool AddressDialer::try_connect(int socket) const {
  if (::connect(socket, address_.socket_address(), address_.size()) == 0) return true;
  switch (errno) {
    case EAGAIN:
    case EINTR:
      return false;
    case ECONNREFUSED:
    case ENOENT:
      throw TransportDisconnectedError("nobody listens there");
    case EPROTOTYPE:
      throw ProtocolError("who listens there does not speak the protocol of shm links");
    default:
      posix::throw_system_error("connect", address_.text(), errno);
  }
}

}  // namespace vagus::transport::shm
