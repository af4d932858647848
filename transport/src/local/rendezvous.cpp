#include "local/rendezvous.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

#include <vagus/core/error.hpp>
#include <vagus/core/fault_point.hpp>

#include "posix/peer_credentials.hpp"
#include "posix/system_error.hpp"
#include "posix/unix_socket.hpp"

namespace vagus::transport::local {

namespace {

/// What is found out about an address by trying to connect to it.
struct Finding {
  bool taken = false;                ///< a living process has a socket there
  std::optional<Credentials> owner;  ///< whose it is, if it lets anybody in
  int error = 0;                     ///< why it cannot be known; 0: it can
};

Finding probe(const SocketAddress& address) {
  Finding finding;
  for (const int type : {SOCK_SEQPACKET, SOCK_STREAM}) {
    const posix::FileDescriptor socket = posix::create_unix_socket(type);
    if (::connect(socket.get(), address.socket_address(), address.size()) == 0) {
      return {.taken = true, .owner = posix::peer_credentials(socket.get()), .error = 0};
    }
    switch (errno) {
      case ECONNREFUSED:  // the file is all that is left, or a socket of this type does not listen
      case ENOENT:
        break;
      case EPROTOTYPE:  // it is of another type; of neither: a datagram socket
      case EAGAIN:      // its backlog is full
        finding.taken = true;
        break;
      default:
        finding.error = errno;
    }
  }
  return finding;
}

[[noreturn]] void say_taken(const SocketAddress& address, const std::optional<Credentials>& owner) {
  throw TransportDisconnectedError(
      address.text() + " is taken: " + (owner ? posix::to_string(*owner) : std::string("another process")) +
      " listens there already");
}

void remove_stale_socket(const SocketAddress& address) {
  struct stat facts {};
  if (::lstat(address.path().c_str(), &facts) != 0) {
    if (errno == ENOENT) return;
    posix::throw_system_error("lstat", address.path(), errno);
  }
  if (!S_ISSOCK(facts.st_mode)) {
    throw ApiParamError(address.text() + ": " + address.path() + " is there already, and it is not a socket");
  }
  // Somebody may listen there who does not know of our lock. What he has is not taken away, also if he has no
  // room for us, or it cannot be known whether he is there.
  const Finding finding = probe(address);
  if (finding.taken) say_taken(address, finding.owner);
  if (finding.error != 0) posix::throw_system_error("connect", address.path(), finding.error);
  if (::unlink(address.path().c_str()) != 0) posix::throw_system_error("unlink", address.path(), errno);
}

/// In a folder where nobody else can put another socket into its place.
PathLock lock_path(const SocketAddress& address, const Access& access) {
  check_folder(address, access);
  return PathLock(address.path());
}

}  // namespace

Rendezvous::Rendezvous(const SocketAddress& address, const Access& access, int socket_type)
    : address_(address),
      lock_(address.is_abstract() ? PathLock() : lock_path(address, access)),
      socket_(posix::create_unix_socket(socket_type)) {
  if (address_.is_abstract()) {
    bind_abstract();
  } else {
    bind_path(access);
  }
  VAGUS_FAULT_POINT("listen.bound");
  if (::listen(socket_.get(), SOMAXCONN) != 0) posix::throw_system_error("listen", address_.text(), errno);
}

void Rendezvous::bind_abstract() {
  if (::bind(socket_.get(), address_.socket_address(), address_.size()) == 0) return;
  if (errno == EADDRINUSE) say_taken(address_, probe(address_).owner);
  posix::throw_system_error("bind", address_.text(), errno);
}

void Rendezvous::bind_path(const Access& access) {
  const mode_t mode = access.mode;
  if (!lock_.held()) say_taken(address_, probe(address_).owner);
  remove_stale_socket(address_);
  // The file gets the socket's mode less the umask: set before, it is never open to more than it should be,
  // and set after, it is open to all it should be.
  if (::fchmod(socket_.get(), mode) != 0) posix::throw_system_error("fchmod", address_.path(), errno);
  if (::bind(socket_.get(), address_.socket_address(), address_.size()) != 0) {
    posix::throw_system_error("bind", address_.path(), errno);
  }
  lock_.set_made();
  if (access.group && ::chown(address_.path().c_str(), static_cast<uid_t>(-1), *access.group) != 0) {
    posix::throw_system_error("chown", address_.path(), errno);
  }
  if (::chmod(address_.path().c_str(), mode) != 0) posix::throw_system_error("chmod", address_.path(), errno);
}

}  // namespace vagus::transport::local
