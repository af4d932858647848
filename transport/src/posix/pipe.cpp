#include "posix/pipe.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include <vagus/core/error.hpp>

#include "posix/system_error.hpp"

namespace vagus::transport::posix {

namespace {

// Both directions: whoever opens the pipe anew opens it for reading and writing. The folder in /proc that
// leads to it is open to the same user only, whatever this mode says.
constexpr mode_t everybody = 0666;

std::string path_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

/// Asks for the link's text and not for the file: a pipe with a name may lie in a file system whose daemon
/// does not answer.
bool is_nameless_pipe(const std::string& path) {
  constexpr std::string_view prefix = "pipe:[";
  std::array<char, prefix.size()> target{};
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  if (size < 0) throw_system_error("readlink", path, errno);
  return std::string_view(target.data(), static_cast<std::size_t>(size)) == prefix;
}

}  // namespace

Pipe create_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw_system_error("pipe2", "", errno);
  Pipe pipe{FileDescriptor{ends[0]}, FileDescriptor{ends[1]}};
  if (::fchmod(pipe.write_end.get(), everybody) != 0) throw_system_error("fchmod", "pipe", errno);
  return pipe;
}

FileDescriptor open_passed_pipe(int fd) {
  const std::string path = path_of(fd);
  if (!is_nameless_pipe(path))
    throw ProtocolError("the descriptor that the peer sent as its bell is not a pipe");
  FileDescriptor own{::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)};
  if (!own) throw_system_error("open", path, errno);
  return own;
}

}  // namespace vagus::transport::posix
