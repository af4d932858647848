#include "left_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace vagus::testing {

LeftSocket::LeftSocket(std::string path, bool with_lock_file) : path_(std::move(path)) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
  const int bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(socket);
  if (bound != 0) throw std::runtime_error("no socket can be made at " + path_);
  if (with_lock_file) std::ofstream(path_ + ".lock").flush();
}

LeftSocket::~LeftSocket() {
  std::filesystem::remove(path_);
  std::filesystem::remove(path_ + ".lock");
}

}  // namespace vagus::testing
