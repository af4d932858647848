#include "load/channel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace vagus::load {

namespace {

constexpr std::size_t longest_line = 4096;

std::optional<std::string> receive_one(int descriptor, int flags, bool& ended) {
  std::array<char, longest_line> line;
  for (;;) {
    const ssize_t size = ::recv(descriptor, line.data(), line.size(), flags);
    if (size > 0) return std::string(line.data(), static_cast<std::size_t>(size));
    if (size < 0 && errno == EINTR) continue;
    ended = size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    return std::nullopt;
  }
}

}  // namespace

Channel& Channel::operator=(Channel&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Channel::~Channel() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::pair<Channel, Channel> Channel::make_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {Channel(ends[0]), Channel(ends[1])};
}

void Channel::send(std::string_view line) const noexcept {
  line = line.substr(0, longest_line);
  while (::send(descriptor_, line.data(), line.size(), MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> Channel::receive() const {
  bool ended = false;
  return receive_one(descriptor_, 0, ended);
}

std::optional<std::string> Channel::receive_what_came(bool& ended) const {
  return receive_one(descriptor_, MSG_DONTWAIT, ended);
}

}  // namespace vagus::load
