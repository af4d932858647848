// One address, looked at from outside.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include <vagus/core/error.hpp>
#include <vagus/transport/local_address.hpp>

#include "posix/peer_credentials.hpp"
#include "posix/unix_socket.hpp"
#include "shm/address.hpp"
#include "unix/address.hpp"

namespace vagus::transport {

namespace {

bool is_shm(const Url& url) noexcept { return url.scheme == "shm"; }

local::SocketAddress socket_address_of(const Url& url) {
  if (is_shm(url)) return shm::Address(url);
  return unix_socket::address_of(url);
}

void look_at_file(LocalAddress& address) {
  struct stat facts {};
  const std::size_t slash = address.path.rfind('/');
  const std::string folder = slash == 0 ? "/" : address.path.substr(0, slash);
  address.folder_there = ::stat(folder.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
  if (::lstat(address.path.c_str(), &facts) != 0) return;
  address.file_there = true;
  address.is_socket = S_ISSOCK(facts.st_mode);
  address.user_id = facts.st_uid;
  address.group_id = facts.st_gid;
  address.mode = facts.st_mode & 0777;
  // As connect() does it: by the user that counts for files.
  address.may_be_opened = ::faccessat(AT_FDCWD, address.path.c_str(), R_OK | W_OK, AT_EACCESS) == 0;
  // Ours are empty; those of other programs, PostgreSQL say, tell something.
  address.has_lock_file =
      ::lstat((address.path + ".lock").c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == 0;
}

/// What becomes of an attempt to connect.
void knock(LocalAddress& address, const local::SocketAddress& target) {
  const posix::FileDescriptor socket =
      posix::create_unix_socket(is_shm(address.url) ? SOCK_SEQPACKET : SOCK_STREAM);
  if (::connect(socket.get(), target.socket_address(), target.size()) == 0) {
    address.listener = posix::peer_credentials(socket.get());
  } else if (errno == EAGAIN || errno == EPROTOTYPE) {
    address.listener = Credentials();  // somebody who is too busy, or another kind of socket
  } else if (errno == ECONNREFUSED) {
    address.stale = address.is_socket;
  }
}

}  // namespace

bool is_local(const Url& url) noexcept {
  return is_shm(url) || url.scheme == "unix" || url.scheme == "msgpack+unix";
}

LocalAddress look_at(const Url& url) {
  if (!is_local(url)) {
    throw ApiParamError(url.to_string() + " is not on this machine alone, as shm:// and unix:// are");
  }
  const local::SocketAddress target = socket_address_of(url);
  LocalAddress address;
  address.url = url;
  address.path = target.path();
  address.may_be_opened = target.is_abstract();
  if (!target.is_abstract()) look_at_file(address);
  if (target.is_abstract() || address.is_socket) knock(address, target);
  return address;
}

}  // namespace vagus::transport
