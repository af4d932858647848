#include "supervised/inherited_channel.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <vagus/core/error.hpp>

#include "posix/system_error.hpp"

namespace vagus::transport::supervised {

namespace {

std::optional<std::string> value_for(int socket) {
  struct stat facts {};
  if (::fstat(socket, &facts) != 0 || !S_ISSOCK(facts.st_mode)) return std::nullopt;
  return std::to_string(socket) + ":" + std::to_string(facts.st_ino);
}

std::optional<int> find_channel() {
  const char* variable = std::getenv(channel_variable);
  if (variable == nullptr) return std::nullopt;
  const std::string_view value = variable;
  int socket = -1;
  const auto number = std::from_chars(value.data(), value.data() + value.size(), socket);
  if (number.ec != std::errc{} || value_for(socket) != value) return std::nullopt;
  return socket;
}

}  // namespace

std::string describe_channel(int socket) {
  const auto value = value_for(socket);
  if (!value) posix::throw_system_error("fstat", "channel of a body", errno);
  return *value;
}

bool has_inherited_channel() { return find_channel().has_value(); }

posix::FileDescriptor open_inherited_channel(const std::string& url) {
  const auto socket = find_channel();
  if (!socket) {
    throw TransportDisconnectedError(
        url +
        ": this process has inherited no link: it is to be started by a vagus::Supervisor. A body that is "
        "also "
        "started by hand listens at vagus::listen_supervised_or(\"shm://NAME\")");
  }
  if (::fcntl(*socket, F_SETFD, FD_CLOEXEC) != 0) posix::throw_system_error("fcntl", "FD_CLOEXEC", errno);
  posix::FileDescriptor copy{::fcntl(*socket, F_DUPFD_CLOEXEC, 3)};
  if (!copy) posix::throw_system_error("fcntl", "F_DUPFD_CLOEXEC", errno);
  return copy;
}

}  // namespace vagus::transport::supervised
