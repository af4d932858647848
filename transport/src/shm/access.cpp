#include "shm/access.hpp"

#include <unistd.h>

#include <vagus/core/error.hpp>

#include "posix/peer_credentials.hpp"

namespace vagus::transport::shm {

void check_access(const Address& address, const Credentials& peer) {
  constexpr std::int64_t root = 0;
  const std::int64_t own_user = ::geteuid();
  if (!address.is_abstract() || peer.user_id == own_user || peer.user_id == root) return;
  throw PermissionDeniedError(address.text() + ": " + posix::to_string(peer) +
                              " is of another user than this, " + std::to_string(own_user));
}

}  // namespace vagus::transport::shm
