#include "posix/unix_socket.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "posix/system_error.hpp"

namespace vagus::transport::posix {

FileDescriptor create_seqpacket_socket() {
  FileDescriptor socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) throw_system_error("socket", "AF_UNIX, SOCK_SEQPACKET", errno);
  return socket;
}

}  // namespace vagus::transport::posix
