#include "datagram/socket.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include <vagus/core/error.hpp>

#include "posix/system_error.hpp"

namespace vagus::transport::datagram {

namespace {

namespace ip = boost::asio::ip;

// What comes while nobody reads for a moment has to fit. The system gives less where it allows less.
constexpr int buffer_bytes = 1 << 20;

bool is_ipv4(const Address& address) { return address.protocol() == boost::asio::ip::udp::v4(); }

void set(int fd, int level, int option, int value, const char* name) {
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) {
    posix::throw_system_error("setsockopt", name, errno);
  }
}

/// To which address of this machine a datagram was sent; unspecified if the socket does not tell.
ip::address local_address(msghdr& message) noexcept {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      in_pktinfo told{};
      std::memcpy(&told, CMSG_DATA(part), sizeof told);
      return ip::address_v4(ntohl(told.ipi_spec_dst.s_addr));
    }
    if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo told{};
      std::memcpy(&told, CMSG_DATA(part), sizeof told);
      if (IN6_IS_ADDR_MULTICAST(&told.ipi6_addr)) return {};
      ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &told.ipi6_addr, bytes.size());
      return ip::address_v6(bytes, IN6_IS_ADDR_LINKLOCAL(&told.ipi6_addr) ? told.ipi6_ifindex : 0);
    }
  }
  return {};
}

/// From `to.local`: the system would choose by the way to the peer, which may be another one.
ssize_t send_from_local(int fd, std::span<const std::byte> datagram, const Address& to) noexcept {
  alignas(cmsghdr) std::byte control[CMSG_SPACE(sizeof(in6_pktinfo))]{};
  iovec part{const_cast<std::byte*>(datagram.data()), datagram.size()};
  msghdr message{};
  message.msg_name = const_cast<sockaddr*>(to.data());
  message.msg_namelen = static_cast<socklen_t>(to.size());
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  const auto add = [&message](int level, int type, const auto& told) {
    message.msg_controllen = CMSG_SPACE(sizeof told);
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof told);
    std::memcpy(CMSG_DATA(header), &told, sizeof told);
  };
  if (to.local.is_v4()) {
    in_pktinfo told{};
    told.ipi_spec_dst.s_addr = htonl(to.local.to_v4().to_uint());
    add(IPPROTO_IP, IP_PKTINFO, told);
  } else {
    const ip::address_v6 local = to.local.to_v6();
    const auto bytes = local.to_bytes();
    in6_pktinfo told{};
    std::memcpy(&told.ipi6_addr, bytes.data(), bytes.size());
    told.ipi6_ifindex = static_cast<unsigned>(local.scope_id());
    add(IPPROTO_IPV6, IPV6_PKTINFO, told);
  }
  return ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool means_refused(int error) noexcept { return error == ECONNREFUSED; }

bool means_later(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS; }

}  // namespace

std::string to_string(const Address& address) {
  const std::string host = address.address().to_string();
  const std::string port = std::to_string(address.port());
  return is_ipv4(address) ? host + ":" + port : "[" + host + "]:" + port;
}

Socket::Socket(const boost::asio::ip::udp& family)
    : fd_(::socket(family.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      ipv6_(family == boost::asio::ip::udp::v6()) {
  if (!fd_) posix::throw_system_error("socket", ipv6_ ? "IPv6, datagrams" : "IPv4, datagrams", errno);
  set(fd_.get(), SOL_SOCKET, SO_RCVBUF, buffer_bytes, "SO_RCVBUF");
  set(fd_.get(), SOL_SOCKET, SO_SNDBUF, buffer_bytes, "SO_SNDBUF");
  if (ipv6_) {
    set(fd_.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
    set(fd_.get(), IPPROTO_IPV6, IPV6_RECVERR, 1, "IPV6_RECVERR");
  } else {
    set(fd_.get(), IPPROTO_IP, IP_RECVERR, 1, "IP_RECVERR");
  }
}

void Socket::bind(const Address& address) {
  if (address.address().is_unspecified()) {
    if (ipv6_) {
      set(fd_.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
    } else {
      set(fd_.get(), IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
    }
  }
  if (::bind(fd_.get(), address.data(), static_cast<socklen_t>(address.size())) == 0) return;
  if (errno == EADDRINUSE) {
    throw TransportDisconnectedError("the address " + to_string(address) +
                                     " is taken: another socket is bound to it");
  }
  posix::throw_system_error("bind", to_string(address), errno);
}

void Socket::connect(const Address& address) {
  if (::connect(fd_.get(), address.data(), static_cast<socklen_t>(address.size())) != 0) {
    posix::throw_system_error("connect", to_string(address), errno);
  }
  connected_ = true;
}

Address Socket::local() const {
  Address address(ipv6_ ? boost::asio::ip::udp::v6() : boost::asio::ip::udp::v4(), 0);
  auto size = static_cast<socklen_t>(address.capacity());
  if (::getsockname(fd_.get(), address.data(), &size) != 0)
    posix::throw_system_error("getsockname", "", errno);
  address.resize(size);
  return address;
}

Socket::Received Socket::receive(std::span<std::byte> into) noexcept {
  Received received;
  alignas(cmsghdr) std::byte control[CMSG_SPACE(sizeof(in6_pktinfo))];
  iovec part{into.data(), into.size()};
  msghdr message{};
  message.msg_name = received.from.data();
  message.msg_namelen = static_cast<socklen_t>(received.from.capacity());
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  // Not recvfrom(), by which the thread sanitizer does not see that who has sent it did so before.
  const ssize_t count = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_TRUNC);
  if (count >= 0) {
    received.from.resize(message.msg_namelen);
    received.from.local = local_address(message);
    received.size = static_cast<std::size_t>(count);
    received.status = Status::done;
  } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
    // What became of a datagram that was sent: in the queue of errors is more of it.
    received.error = errno;
    received.status = Status::failed;
  }
  return received;
}

Socket::Received Socket::take_error() noexcept {
  Received taken;
  std::byte datagram[1];
  alignas(cmsghdr) std::byte control[512];
  iovec part{datagram, sizeof datagram};
  msghdr message{};
  message.msg_name = taken.from.data();
  message.msg_namelen = static_cast<socklen_t>(taken.from.capacity());
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(fd_.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return taken;
  if (message.msg_namelen != 0) taken.from.resize(message.msg_namelen);
  taken.status = Status::failed;
  for (cmsghdr* part_of = CMSG_FIRSTHDR(&message); part_of != nullptr;
       part_of = CMSG_NXTHDR(&message, part_of)) {
    const bool told = (part_of->cmsg_level == IPPROTO_IP && part_of->cmsg_type == IP_RECVERR) ||
                      (part_of->cmsg_level == IPPROTO_IPV6 && part_of->cmsg_type == IPV6_RECVERR);
    if (!told) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(part_of), sizeof error);
    taken.error = static_cast<int>(error.ee_errno);
  }
  if (means_refused(taken.error)) taken.status = Status::refused;
  return taken;
}

Socket::Sent Socket::send(std::span<const std::byte> datagram, const Address& to) noexcept {
  int error = 0;
  // What an earlier datagram came to is told by the next call, which then has sent nothing.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const ssize_t count =
        connected_ ? ::send(fd_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
        : !to.local.is_unspecified()
            ? send_from_local(fd_.get(), datagram, to)
            : ::sendto(fd_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to.data(),
                       static_cast<socklen_t>(to.size()));
    if (count >= 0) return {Status::done, error};
    error = errno;
    if (means_later(error)) return {Status::nothing, error};
    if (!means_refused(error)) break;
  }
  return {means_refused(error) ? Status::refused : Status::failed, error};
}

}  // namespace vagus::transport::datagram
