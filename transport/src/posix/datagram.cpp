#include "posix/datagram.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vagus::transport::posix {

namespace {

constexpr std::size_t control_size = CMSG_SPACE(sizeof(int) * max_passed_descriptors);

struct ControlBuffer {
  alignas(cmsghdr) std::array<std::byte, control_size> bytes{};
};

void attach_descriptors(msghdr& message, ControlBuffer& control, std::span<const int> descriptors) noexcept {
  if (descriptors.empty()) return;
  const std::size_t size = descriptors.size_bytes();
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(size);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), descriptors.data(), size);
}

/// Whatever happens afterwards, each descriptor that the kernel has put into our table has an owner now.
void take_descriptors(msghdr& message, Datagram& datagram) noexcept {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      FileDescriptor owned{fd};
      if (datagram.descriptor_count == max_passed_descriptors) continue;
      datagram.descriptors[datagram.descriptor_count++] = std::move(owned);
    }
  }
}

}  // namespace

int send_datagram(int socket, std::span<const std::byte> bytes, std::span<const int> descriptors) noexcept {
  ControlBuffer control;
  // sendmsg() takes the bytes by a pointer to non-const, but does not write to them.
  iovec part{.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  attach_descriptors(message, control,
                     descriptors.first(std::min(descriptors.size(), max_passed_descriptors)));
  while (::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

Datagram receive_datagram(int socket, std::span<std::byte> buffer) noexcept {
  Datagram datagram;
  ControlBuffer control;
  iovec part{.iov_base = buffer.data(), .iov_len = buffer.size()};
  while (true) {
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size > 0) {
      datagram.status = Datagram::Status::received;
      datagram.size = static_cast<std::size_t>(size);
      datagram.truncated = (message.msg_flags & MSG_TRUNC) != 0;
      datagram.descriptors_lost = (message.msg_flags & MSG_CTRUNC) != 0;
      take_descriptors(message, datagram);
      return datagram;
    }
    // The peer closed before it had read all that we sent: reported once, ahead of what it has sent itself.
    if (size < 0 && (errno == EINTR || errno == ECONNRESET)) continue;
    const bool nothing = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    take_descriptors(message, datagram);
    datagram.status = nothing ? Datagram::Status::nothing : Datagram::Status::ended;
    return datagram;
  }
}

}  // namespace vagus::transport::posix
