#include "supervised/channel_source.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>

#include "posix/datagram.hpp"

namespace vagus::transport::supervised {

namespace {

// What the datagram says besides the descriptor has no meaning; but an empty one would look like the end.
constexpr std::byte new_link{'L'};

}  // namespace

shm::SocketSource::Taken ChannelSource::take(int descriptor) const {
  std::array<std::byte, 8> bytes{};
  posix::Datagram datagram = posix::receive_datagram(descriptor, bytes);
  if (datagram.status == posix::Datagram::Status::nothing) return {Status::nothing, {}, 0};
  if (datagram.status == posix::Datagram::Status::ended) return {Status::ended, {}, 0};
  // Without a free descriptor for it here, the kernel has closed the link's socket: the head tries again.
  if (datagram.descriptor_count == 0) return {Status::again, {}, 0};
  return {Status::taken, std::move(datagram.descriptors[0]), 0};
}

void ChannelSource::ended() const {
  // The kernel kills a child of the Supervisor; this is for a body that some script between them has started.
  ::kill(::getpid(), SIGTERM);
}

int send_link_socket(int channel, int socket) noexcept {
  return posix::send_datagram(channel, std::span(&new_link, 1), std::span(&socket, 1));
}

}  // namespace vagus::transport::supervised
