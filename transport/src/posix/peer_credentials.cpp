#include "posix/peer_credentials.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "posix/system_error.hpp"

namespace vagus::transport::posix {

Credentials peer_credentials(int socket) {
  ucred found{};
  socklen_t size = sizeof found;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) {
    throw_system_error("getsockopt", "SO_PEERCRED", errno);
  }
  // Process 0: one that has no number here, since it lives in another PID namespace.
  return {.process_id = found.pid == 0 ? -1 : found.pid, .user_id = found.uid, .group_id = found.gid};
}

std::string to_string(const Credentials& credentials) {
  std::string text = credentials.process_id < 0 ? std::string("a process of another PID namespace")
                                                : "process " + std::to_string(credentials.process_id);
  if (credentials.user_id >= 0) text += " of user " + std::to_string(credentials.user_id);
  return text;
}

}  // namespace vagus::transport::posix
