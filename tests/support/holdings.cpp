#include "support/holdings.hpp"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>

namespace vagus::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// The names in a directory; none if there is no such directory.
std::set<std::string> names_in(const char* path) {
  std::set<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(path), &::closedir};
  if (!directory) return names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace(name);
  }
  return names;
}

/// The descriptor that the directory itself is read through is closed again before its target is asked for.
std::map<std::string, std::string> open_files() {
  std::map<std::string, std::string> files;
  for (const std::string& descriptor : names_in("/proc/self/fd")) {
    std::error_code closed_meanwhile;
    const auto target = fs::read_symlink("/proc/self/fd/" + descriptor, closed_meanwhile);
    if (!closed_meanwhile) files.emplace(descriptor, target.string());
  }
  return files;
}

/// The fields of /proc/PID/stat after the name, which is in parentheses and may contain anything: state,
/// parent, ...
std::istringstream stat_of(const std::string& pid) {
  std::ifstream file{"/proc/" + pid + "/stat"};
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  return std::istringstream{name_end == std::string::npos ? std::string{} : line.substr(name_end + 1)};
}

std::set<std::string> child_processes() {
  siginfo_t ignored{};
  const int any = ::waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT | __WALL);
  if (any == -1 && errno == ECHILD) return {};  // the usual case, without a walk over all processes

  std::set<std::string> children;
  for (const std::string& name : names_in("/proc")) {
    char state = 0;
    pid_t parent = 0;
    if (stat_of(name) >> state >> parent && parent == ::getpid()) children.insert(name);
  }
  return children;
}

std::set<std::string> shared_memory_files() {
  std::set<std::string> names = names_in("/dev/shm");
  std::erase_if(names, [](const std::string& name) { return name.find("vagus") == std::string::npos; });
  return names;
}

std::set<std::string> files_below(const std::string& directory) {
  std::set<std::string> files;
  std::error_code vanished;
  for (fs::recursive_directory_iterator entry{directory, vanished}, end; !vanished && entry != end;
       entry.increment(vanished)) {
    // The thread sanitizer's own: a process that is killed as it starts leaves it.
    if (entry->path().filename().string().starts_with("tsan.rodata.")) continue;
    files.insert(entry->path().string());
  }
  return files;
}

/// The name that a socket is bound to, as /proc/net/unix shows it (abstract ones with @), after a blank.
std::string name_of_socket(const std::string& target) {
  constexpr std::string_view prefix = "socket:[";
  if (target.compare(0, prefix.size(), prefix) != 0) return {};
  const std::string inode = target.substr(prefix.size(), target.size() - prefix.size() - 1);
  std::ifstream sockets{"/proc/net/unix"};
  for (std::string line; std::getline(sockets, line);) {
    // Num RefCount Protocol Flags Type St Inode Path
    std::istringstream fields{line};
    std::string skipped;
    std::string found;
    std::string path;
    for (int field = 0; field < 6; ++field) fields >> skipped;
    if (fields >> found && found == inode) return fields >> path ? " " + path : std::string{};
  }
  return {};
}

std::string describe_thread(const std::string& id) {
  std::ifstream file{"/proc/self/task/" + id + "/comm"};
  std::string name;
  std::getline(file, name);
  return "thread " + id + " (" + name + ")";
}

std::string describe_child(const std::string& pid) {
  std::ifstream file{"/proc/" + pid + "/comm"};
  std::string name;
  std::getline(file, name);
  char state = '?';
  stat_of(pid) >> state;
  return "child process " + pid + " (" + name + (state == 'Z' ? ", ended but not waited for)" : ")");
}

void append_new(std::string& lines, const std::set<std::string>& before, const std::set<std::string>& after,
                const std::function<std::string(const std::string&)>& describe) {
  for (const std::string& name : after) {
    if (!before.contains(name)) lines += "  " + describe(name) + "\n";
  }
}

}  // namespace

Holdings look_at_this_process(const std::string& temporary_directory) {
  return {.threads = names_in("/proc/self/task"),
          .children = child_processes(),
          .files = open_files(),
          .shared_memory = shared_memory_files(),
          .temporary_files = files_below(temporary_directory)};
}

std::string left_over(const Holdings& before, const Holdings& after) {
  std::string lines;
  append_new(lines, before.threads, after.threads, describe_thread);
  append_new(lines, before.children, after.children, describe_child);
  for (const auto& [descriptor, target] : after.files) {
    const auto found = before.files.find(descriptor);
    if (found != before.files.end() && found->second == target) continue;
    lines += "  file descriptor " + descriptor + ": " + target + name_of_socket(target) + "\n";
  }
  append_new(lines, before.shared_memory, after.shared_memory,
             [](const std::string& name) { return "shared memory /dev/shm/" + name; });
  append_new(lines, before.temporary_files, after.temporary_files,
             [](const std::string& path) { return "file " + path; });
  return lines;
}

Holdings settled(const Holdings& before, const std::function<Holdings()>& look) {
  const auto end = std::chrono::steady_clock::now() + 5s;
  Holdings after = look();
  while (!left_over(before, after).empty() && std::chrono::steady_clock::now() < end) {
    ::poll(nullptr, 0, 2);  // nothing tells when a thread is gone from the list
    after = look();
  }
  return after;
}

void clear_away(const Holdings& before, const Holdings& after) {
  for (const std::string& child : after.children) {
    if (before.children.contains(child)) continue;
    const auto pid = static_cast<pid_t>(std::stol(child));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, __WALL);
  }
  for (const std::string& path : after.temporary_files) {
    if (!before.temporary_files.contains(path)) fs::remove_all(path);
  }
}

std::string use_own_temporary_directory() {
  std::string path = (fs::temp_directory_path() / "vagus-test-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    throw fs::filesystem_error{"mkdtemp", path, {errno, std::generic_category()}};
  }
  ::setenv("TMPDIR", path.c_str(), 1);
  ::setenv("TEST_TMPDIR", (path + "/").c_str(), 1);
  return path;
}

}  // namespace vagus::testing
