// All addresses of this user.

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include <vagus/core/error.hpp>
#include <vagus/transport/local_address.hpp>

namespace vagus::transport {

namespace {

/// A line of /proc/net/unix.
struct Socket {
  bool listens = false;
  bool keeps_borders = false;  ///< SOCK_SEQPACKET
  std::string name;            ///< a path, or an abstract name with its zero byte as @
};

constexpr unsigned long accepts_connections = 0x10000;  // __SO_ACCEPTCON
constexpr unsigned long seqpacket = 5;                  // SOCK_SEQPACKET, as the kernel writes it

std::optional<Socket> parse(const std::string& line) {
  std::istringstream fields(line);
  std::string number;
  std::string references;
  std::string protocol;
  unsigned long flags = 0;
  unsigned long type = 0;
  std::string state;
  std::string inode;
  fields >> number >> references >> protocol >> std::hex >> flags >> type >> state >> inode;
  if (!fields) return std::nullopt;
  Socket socket{(flags & accepts_connections) != 0, type == seqpacket, {}};
  std::getline(fields >> std::ws, socket.name);
  return socket;
}

std::vector<Socket> listening_sockets() {
  std::vector<Socket> sockets;
  std::ifstream table("/proc/net/unix");
  std::string line;
  std::getline(table, line);  // the heads
  while (std::getline(table, line)) {
    const auto socket = parse(line);
    if (socket && socket->listens && !socket->name.empty()) sockets.push_back(*socket);
  }
  return sockets;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::set<std::string> usual_folders() {
  std::set<std::string> folders{"/run", "/tmp"};
  for (const char* const variable : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const char* const value = std::getenv(variable);
    if (value == nullptr || *value != '/') continue;
    std::string folder = value;
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    folders.insert(folder);
  }
  return folders;
}

/// The paths in a folder beside which there is a lock file.
std::vector<std::string> locked_paths(const std::string& folder) {
  constexpr std::string_view suffix = ".lock";
  std::vector<std::string> paths;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) return paths;
  while (const dirent* const entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    paths.push_back(folder + '/' + std::string(name.substr(0, name.size() - suffix.size())));
  }
  return paths;
}

/// Gathers addresses, each once.
class Found {
 public:
  void add(const std::string& scheme, const std::string& address) {
    if (!seen_.insert(address).second) return;
    try {
      LocalAddress found = look_at(Url{scheme, address, {}});
      const bool ours = found.path.empty() || (found.is_socket && found.has_lock_file && found.may_be_opened);
      if (ours) addresses_.push_back(std::move(found));
    } catch (const ApiParamError&) {
      // No body of this library has made it: it would have been refused in the same way.
    }
  }
  std::vector<LocalAddress> take() {
    std::sort(addresses_.begin(), addresses_.end(), [](const LocalAddress& a, const LocalAddress& b) {
      return a.url.to_string() < b.url.to_string();
    });
    return std::move(addresses_);
  }

 private:
  std::set<std::string> seen_;
  std::vector<LocalAddress> addresses_;
};

}  // namespace

std::vector<LocalAddress> local_addresses() {
  const std::string own_names = "@vagus/" + std::to_string(::geteuid()) + '/';
  std::set<std::string> folders = usual_folders();
  Found found;
  for (const Socket& socket : listening_sockets()) {
    if (socket.name.starts_with('/')) {
      found.add(socket.keeps_borders ? "shm" : "unix", socket.name);
      folders.insert(folder_of(socket.name));
    } else if (socket.keeps_borders && socket.name.starts_with(own_names)) {
      found.add("shm", socket.name.substr(own_names.size()));
    }
  }
  for (const std::string& folder : folders) {
    for (const std::string& path : locked_paths(folder)) found.add("unix", path);
  }
  return found.take();
}

}  // namespace vagus::transport
