#include "tcp/port_owner.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace vagus::transport::tcp {

namespace {

namespace fs = std::filesystem;

constexpr const char* listening = "0A";  // TCP_LISTEN, as it stands in /proc/net/tcp

/// As it stands in /proc/net/tcp and tcp6: words of 32 bits of the address as it travels, each printed as a
/// number of this machine.
std::string printed(const boost::asio::ip::address& address) {
  std::string text;
  const auto add = [&text](const auto& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint32_t)) {
      std::uint32_t word = 0;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      char digits[9];
      std::snprintf(digits, sizeof digits, "%08X", static_cast<unsigned>(word));
      text += digits;
    }
  };
  if (address.is_v4()) {
    add(address.to_v4().to_bytes());
  } else {
    add(address.to_v6().to_bytes());
  }
  return text;
}

/// The links in /proc/PID/fd of the sockets that are in the way of one at this address: "socket:[4711]".
std::vector<std::string> sockets_at(const boost::asio::ip::tcp::endpoint& endpoint) {
  const std::string wanted = printed(endpoint.address());
  std::vector<std::string> sockets;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);  // the heading
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string number, local, remote, state, queues, timer, retransmitted, user, timeout, inode;
      fields >> number >> local >> remote >> state >> queues >> timer >> retransmitted >> user >> timeout >>
          inode;
      unsigned port = 0;
      const std::size_t colon = std::min(local.find(':'), local.size() - 1);
      std::from_chars(local.data() + colon + 1, local.data() + local.size(), port, 16);
      const std::string address = local.substr(0, colon);
      const bool any = address.find_first_not_of('0') == std::string::npos;
      const bool meets = any || address == wanted || endpoint.address().is_unspecified();
      if (state == listening && port == endpoint.port() && meets) sockets.push_back("socket:[" + inode + "]");
    }
  }
  return sockets;
}

bool holds_any(const fs::path& process, const std::vector<std::string>& sockets) {
  std::error_code denied;
  for (fs::directory_iterator at(process / "fd", denied), end; !denied && at != end; at.increment(denied)) {
    std::error_code gone;
    const std::string target = fs::read_symlink(at->path(), gone).string();
    if (std::find(sockets.begin(), sockets.end(), target) != sockets.end()) return true;
  }
  return false;
}

}  // namespace

std::string owner_of(const boost::asio::ip::tcp::endpoint& endpoint) {
  const std::vector<std::string> sockets = sockets_at(endpoint);
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !sockets.empty() && !error && at != end;
       at.increment(error)) {
    const std::string process = at->path().filename().string();
    if (process.find_first_not_of("0123456789") != std::string::npos || !holds_any(at->path(), sockets))
      continue;
    std::ifstream file(at->path() / "comm");
    std::string name;
    std::getline(file, name);
    return "process " + process + (name.empty() ? "" : " (" + name + ")");
  }
  return "another process";
}

}  // namespace vagus::transport::tcp
