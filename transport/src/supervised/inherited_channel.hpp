#pragma once

#include <string>

#include "posix/file_descriptor.hpp"

namespace vagus::transport::supervised {

/// The environment variable that tells a body of the channel to its Supervisor: which descriptor it is, and
/// the socket's own number. Whoever has inherited the variable without the socket, such as a program that the
/// body starts, so finds that there is no channel for it.
inline constexpr const char* channel_variable = "VAGUS_SUPERVISED_LINK";

/// Its value for this socket: "5:23117".
std::string describe_channel(int socket);

/// Is there a channel that this process has inherited?
bool has_inherited_channel();

/// Another descriptor for it, which is not inherited any further; nor is the first one from now on. Throws
/// TransportDisconnectedError if there is none; `url`: for its text.
posix::FileDescriptor open_inherited_channel(const std::string& url);

}  // namespace vagus::transport::supervised
