#include "shm/address_source.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace vagus::transport::shm {

namespace {

/// The connection stays in the backlog, so waiting for it would not wait at all.
bool is_exhaustion(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

SocketSource::Taken AddressSource::take(int descriptor) const {
  posix::FileDescriptor socket{::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (socket) return {Status::taken, std::move(socket), 0};
  if (is_exhaustion(errno)) return {Status::exhausted, {}, errno};
  if (errno == EINTR || errno == ECONNABORTED) return {Status::again, {}, 0};
  return {Status::nothing, {}, 0};
}

void AddressSource::check(const Credentials& peer) const { local::check_access(address_, access_, peer); }

}  // namespace vagus::transport::shm
