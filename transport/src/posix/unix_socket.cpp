#include "posix/unix_socket.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "posix/system_error.hpp"

namespace vagus::transport::posix {

FileDescriptor create_unix_socket(int type) {
  FileDescriptor socket{::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) throw_system_error("socket", "AF_UNIX", errno);
  return socket;
}

FileDescriptor create_seqpacket_socket() { return create_unix_socket(SOCK_SEQPACKET); }

}  // namespace vagus::transport::posix
