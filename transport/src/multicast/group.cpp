#include "multicast/group.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <ifaddrs.h>
#include <net/if.h>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/error.hpp>

#include "posix/system_error.hpp"

namespace vagus::transport::multicast {

namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;
using datagram::Address;

constexpr std::size_t buffer_size = 65'536;

[[noreturn]] void refuse(const Url& url, const std::string& what) {
  throw ApiParamError(url.to_string() + ": " + what);
}

/// Calls with each address of each interface of this machine.
template <typename Function>
void for_each_interface(const Function& look) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) posix::throw_system_error("getifaddrs", "", errno);
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr != nullptr) look(*one);
  }
}

ip::address address_of(const sockaddr& socket_address) {
  if (socket_address.sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &socket_address, sizeof ipv4);
    return ip::address_v4(ntohl(ipv4.sin_addr.s_addr));
  }
  if (socket_address.sa_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &socket_address, sizeof ipv6);
    ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
    return ip::address_v6(bytes, ipv6.sin6_scope_id);
  }
  return {};
}

/// `text` is the name of an interface or an address of one.
void find_interface(const Url& url, const std::string& text, Group& group) {
  error_code no_address;
  const ip::address wanted = ip::make_address(text, no_address);
  bool found = false;
  for_each_interface([&](const ifaddrs& one) {
    const ip::address address = address_of(*one.ifa_addr);
    const bool right_kind = address.is_v4() == group.address.address().is_v4() &&
                            (one.ifa_addr->sa_family == AF_INET || one.ifa_addr->sa_family == AF_INET6);
    if (found || !right_kind || (no_address ? text != one.ifa_name : wanted != address)) return;
    found = true;
    group.interface_index = ::if_nametoindex(one.ifa_name);
    group.interface_address = address;
    group.only_this_machine = (one.ifa_flags & IFF_LOOPBACK) != 0;
  });
  if (!found) {
    refuse(url, "no interface of this machine has the name or the " +
                    std::string(group.address.address().is_v4() ? "IPv4" : "IPv6") + " address " + text);
  }
}

void set(const datagram::Socket& socket, int level, int option, int value, const char* name) {
  if (::setsockopt(socket.get(), level, option, &value, sizeof value) != 0) {
    posix::throw_system_error("setsockopt", name, errno);
  }
}

[[noreturn]] void cannot_join(const std::string& text, const error_code& error) {
  throw TransportDisconnectedError(text + ": the group cannot be joined: " + error.message() +
                                   "; the machine needs an interface that can do multicast, which "
                                   "?interface= names if it is not that of the default route");
}

}  // namespace

Group parse_group(const Url& url) {
  Group group;
  group.options = datagram::parse_options(url, {"ttl", "interface"});
  const auto [host, port] = datagram::parse_host_and_port(url);
  error_code no_address;
  const ip::address address = ip::make_address(host, no_address);
  if (no_address || !address.is_multicast()) {
    refuse(url,
           host + " is not the address of a group; those are 224.0.0.0 to 239.255.255.255, and ff00::/8");
  }
  if (port == "0") refuse(url, "the members of a group have to know its port, which 0 is not");
  group.address = Address(address, static_cast<std::uint16_t>(std::stoi(port)));
  group.interface_address = address.is_v4() ? ip::address(ip::address_v4()) : ip::address(ip::address_v6());
  if (const auto ttl = url.options.find("ttl"); ttl != url.options.end()) {
    group.ttl = datagram::parse_number(url, "ttl", ttl->second, 0, 255);
  }
  if (const auto name = url.options.find("interface"); name != url.options.end()) {
    find_interface(url, name->second, group);
  }
  return group;
}

datagram::Socket make_own_socket(const Group& group) {
  datagram::Socket socket(group.address.protocol());
  if (group.address.address().is_v4()) {
    set(socket, IPPROTO_IP, IP_MULTICAST_TTL, group.ttl, "IP_MULTICAST_TTL");
    set(socket, IPPROTO_IP, IP_MULTICAST_LOOP, 1, "IP_MULTICAST_LOOP");
    ip_mreqn interface {};
    interface.imr_ifindex = static_cast<int>(group.interface_index);
    if (group.interface_index != 0 &&
        ::setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) != 0) {
      posix::throw_system_error("setsockopt", "IP_MULTICAST_IF", errno);
    }
  } else {
    set(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, group.ttl, "IPV6_MULTICAST_HOPS");
    set(socket, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1, "IPV6_MULTICAST_LOOP");
    if (group.interface_index != 0) {
      set(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(group.interface_index),
          "IPV6_MULTICAST_IF");
    }
  }
  socket.bind(Address(group.interface_address, 0));
  return socket;
}

Membership::Membership(const Group& group, const std::string& text, std::shared_ptr<datagram::Port> port)
    : port_(std::move(port)), socket_(asio_context(port_->context().loop)), buffer_(buffer_size) {
  const ip::address address = group.address.address();
  error_code error;
  socket_.open(group.address.protocol(), error);
  if (!error) socket_.set_option(ip::udp::socket::reuse_address(true), error);
  if (!error) socket_.bind(group.address, error);
  if (error) {
    throw TransportDisconnectedError(text + ": the port of the group is not to be had: " + error.message());
  }
  // What others of this machine have joined elsewhere is not for us.
  const int only_joined = 0;
  if (address.is_v4()) {
    static_cast<void>(::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_MULTICAST_ALL, &only_joined,
                                   sizeof only_joined));
    ip_mreqn membership{};
    membership.imr_multiaddr.s_addr = htonl(address.to_v4().to_uint());
    membership.imr_ifindex = static_cast<int>(group.interface_index);
    if (::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership,
                     sizeof membership) != 0) {
      cannot_join(text, error_code(errno, boost::system::system_category()));
    }
  } else {
    socket_.set_option(ip::multicast::join_group(address.to_v6(), group.interface_index), error);
    if (error) cannot_join(text, error);
  }
}

void Membership::start() {
  MutexLock lock(mutex_);
  hear();
}

void Membership::hear() {
  socket_.async_receive_from(
      boost::asio::buffer(buffer_), from_,
      [self = shared_from_this()](const error_code& error, std::size_t size) {
        if (error == boost::asio::error::operation_aborted) return;
        datagram::Calls calls;
        const bool here = self->gate_.run([&] {
          if (error) return;
          const std::span<const std::byte> datagram = std::span(self->buffer_).first(size);
          MutexLock lock(self->port_->mutex());
          // To the group only questions are said.
          if (datagram::is_framed(datagram)) {
            self->port_->drop(self->from_, "it is of a link, and was sent to the group");
          } else {
            self->port_->take(self->from_, datagram, calls);
          }
        });
        for (const auto& call : calls) call();
        if (!here) return;
        MutexLock lock(self->mutex_);
        if (self->socket_.is_open()) self->hear();
      });
}

void Membership::leave() noexcept {
  {
    MutexLock lock(mutex_);
    error_code ignored;
    socket_.close(ignored);
  }
  gate_.close();
}

}  // namespace vagus::transport::multicast
