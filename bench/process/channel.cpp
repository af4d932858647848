#include "process/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace bench {

namespace {

struct Head {
  Channel::Kind kind = Channel::Kind::error;
  std::uint32_t size = 0;
};

std::span<std::byte> bytes_of(Head& head) { return std::as_writable_bytes(std::span(&head, 1)); }

}  // namespace

Channel::~Channel() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::pair<Channel, Channel> Channel::make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {Channel(ends[0]), Channel(ends[1])};
}

void Channel::send(Kind kind, std::span<const std::byte> payload) {
  Head head{kind, static_cast<std::uint32_t>(payload.size())};
  send_all(bytes_of(head));
  send_all(payload);
}

void Channel::send(Kind kind, std::string_view text) { send(kind, std::as_bytes(std::span(text))); }

Channel::Message Channel::receive(std::optional<std::chrono::nanoseconds> longest) {
  Head head;
  receive_all(bytes_of(head), longest);
  Message message{head.kind, std::vector<std::byte>(head.size)};
  receive_all(message.payload, longest);
  return message;
}

void Channel::send_all(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) throw std::runtime_error("the process at the other end is gone");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

void Channel::receive_all(std::span<std::byte> bytes, std::optional<std::chrono::nanoseconds> longest) {
  while (!bytes.empty()) {
    if (longest) {
      pollfd entry{descriptor_, POLLIN, 0};
      const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(*longest).count();
      const int ready = ::poll(&entry, 1, static_cast<int>(milliseconds));
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) {
        throw std::runtime_error("no answer after " + std::to_string(milliseconds) + " ms: it hangs");
      }
    }
    const ssize_t received = ::read(descriptor_, bytes.data(), bytes.size());
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) throw std::runtime_error("the process at the other end has died");
    bytes = bytes.subspan(static_cast<std::size_t>(received));
  }
}

}  // namespace bench
