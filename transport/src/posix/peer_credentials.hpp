#pragma once

#include <vagus/transport/link.hpp>

namespace vagus::transport::posix {

/// Who had the other end of a UNIX socket when it was connected, as the kernel saw it. Throws if it does not
/// tell.
Credentials peer_credentials(int socket);

/// "process 1234 of user 1000"
std::string to_string(const Credentials& credentials);

}  // namespace vagus::transport::posix
