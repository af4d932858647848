#pragma once

#include "posix/file_descriptor.hpp"

namespace vagus::transport::posix {

/// A UNIX socket of this type, not inherited and never waiting. Throws if the system refuses.
FileDescriptor create_unix_socket(int type);

/// A UNIX socket that keeps the borders of datagrams, SOCK_SEQPACKET, not inherited and never waiting. Throws
/// if the system refuses.
FileDescriptor create_seqpacket_socket();

}  // namespace vagus::transport::posix
