/// Child processes, as /proc tells of them.
#pragma once

#include <sys/types.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

/// The state of a process as in ps, and its parent.
struct Stat {
  char state = 'X';
  pid_t parent = 0;
};

/// Of no process: a dead one.
inline Stat stat_of(const std::filesystem::path& folder) {
  std::ifstream file(folder / "stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');  // "17 (name that may have spaces) S 4 ..."
  if (name_end == std::string::npos || name_end + 4 >= line.size()) return {};
  return {line[name_end + 2], static_cast<pid_t>(std::stol(line.substr(name_end + 4)))};
}

/// Not if it has only not been waited for yet.
inline bool runs(const Stat& stat) { return stat.state != 'X' && stat.state != 'Z'; }
inline bool runs(pid_t process) { return runs(stat_of("/proc/" + std::to_string(process))); }

/// Those that run.
inline std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    pid_t id = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), id).ec != std::errc()) continue;
    const Stat stat = stat_of(entry->path());
    if (stat.parent == parent && runs(stat)) found.push_back(id);
  }
  return found;
}

/// Does it become true?
template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}
