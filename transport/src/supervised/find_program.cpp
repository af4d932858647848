#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <vagus/core/error.hpp>

#include "supervised/launch.hpp"

namespace vagus::transport::supervised {

namespace fs = std::filesystem;

namespace {

bool can_be_run(const fs::path& path) {
  std::error_code unreadable;
  return fs::is_regular_file(path, unreadable) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string find_program(const std::string& name) {
  // Made absolute before the child changes its directory.
  if (name.find('/') != std::string::npos) return fs::absolute(name).string();
  const char* variable = std::getenv("PATH");
  const std::string all = variable == nullptr ? "/usr/bin:/bin" : variable;
  std::string_view rest = all;
  while (true) {
    const std::size_t end = rest.find(':');
    const fs::path folder = rest.substr(0, end);  // empty: the working directory
    if (const fs::path path = fs::absolute(folder / name); can_be_run(path)) return path.string();
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  throw TransportDisconnectedError("no program " + name + " is in PATH, " + all);
}

}  // namespace vagus::transport::supervised
