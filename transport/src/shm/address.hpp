#pragma once

#include <vagus/transport/url.hpp>

#include "local/socket_address.hpp"

namespace vagus::transport::shm {

/// Where head and body meet: the address of a UNIX socket. `shm://NAME` is the abstract name `vagus/<user
/// id>/NAME`, which has no file and goes with its owner; `shm:///path` is a file.
class Address : public local::SocketAddress {
 public:
  /// Throws ApiParamError for a name with other characters than letters, digits, `_`, `-` and `.`, and for
  /// names and paths that are too long.
  explicit Address(const Url& url);
};

}  // namespace vagus::transport::shm
