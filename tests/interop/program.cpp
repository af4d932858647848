#include "interop/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace vagus::testing {

namespace {

constexpr int limit_ms = 30'000;

[[noreturn]] void become(std::vector<std::string> command, int output, const std::string& home) {
  const int input = ::open("/dev/null", O_RDONLY);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  for (const char* name :
       {"HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"}) {
    ::setenv(name, home.c_str(), 1);
  }
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  ::execv(arguments.front(), arguments.data());
  throw std::system_error(errno, std::generic_category(), "cannot run " + command.front());
}

}  // namespace

Folder::Folder() {
  std::string pattern = std::filesystem::temp_directory_path() / "vagus-interop-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
  }
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Program::Program(const std::vector<std::string>& command, const std::string& package, const Folder& folder) {
  if (::access(command.front().c_str(), X_OK) != 0) {
    throw std::runtime_error(command.front() +
                             " is not there: ./dev test installs it, or install the package " + package);
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  output_ = ends[0];
  process_ = std::make_unique<Process>([&] { become(command, ends[1], folder.path()); });
  ::close(ends[1]);
}

Program::~Program() {
  process_.reset();
  ::close(output_);
}

std::string Program::read_line() {
  for (;;) {
    if (const auto end = rest_.find('\n'); end != std::string::npos) {
      std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      return line;
    }
    pollfd readable{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, limit_ms) != 1)
      throw std::runtime_error("the program has written nothing in time");
    char buffer[4096];
    const auto size = ::read(output_, buffer, sizeof buffer);
    if (size <= 0)
      throw std::runtime_error("the program has ended; the rest of its output is \"" + rest_ + "\"");
    rest_.append(buffer, static_cast<std::size_t>(size));
  }
}

std::vector<std::string> python(const std::string& script, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"/usr/bin/python3", "-u",
                                   std::string(VAGUS_TESTS_DIR) + "/interop/" + script};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace vagus::testing
