#pragma once

#include <vagus/transport/link.hpp>

#include "shm/address.hpp"

namespace vagus::transport::shm {

/// Throws PermissionDeniedError if the process at the other end may not be there. Anybody can bind and
/// connect to an abstract name, so there the peer has to be of our own user, or root; a path is guarded by
/// its mode.
void check_access(const Address& address, const Credentials& peer);

}  // namespace vagus::transport::shm
