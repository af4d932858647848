#include "posix/system_error.hpp"

#include <cerrno>
#include <system_error>

#include <vagus/core/error.hpp>

namespace vagus::transport::posix {

std::string describe(std::string_view call, std::string_view argument, int error_number) {
  std::string text{call};
  text.append("(").append(argument).append("): ");
  return text + std::generic_category().message(error_number);
}

void throw_system_error(std::string_view call, std::string_view argument, int error_number) {
  const std::string text = describe(call, argument, error_number);
  if (error_number == EACCES || error_number == EPERM) throw PermissionDeniedError(text);
  throw TransportDisconnectedError(text);
}

}  // namespace vagus::transport::posix
