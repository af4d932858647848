#pragma once

#include <string>
#include <string_view>

namespace vagus::transport::posix {

/// "bind(/run/x.socket): Permission denied"
std::string describe(std::string_view call, std::string_view argument, int error_number);

/// Throws it: PermissionDeniedError where the system said so, TransportDisconnectedError for all else.
[[noreturn]] void throw_system_error(std::string_view call, std::string_view argument, int error_number);

}  // namespace vagus::transport::posix
