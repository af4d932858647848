#include "tcp/listening_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <vagus/core/error.hpp>
#include <vagus/core/fault_point.hpp>

#include "posix/system_error.hpp"
#include "tcp/name_dialer.hpp"
#include "tcp/port_owner.hpp"

namespace vagus::transport::tcp {

namespace {

using boost::asio::ip::tcp;

std::vector<tcp::endpoint> resolve(const Url& url, const HostPort& host_port) {
  std::vector<tcp::endpoint> endpoints = known_endpoints(host_port);
  if (!endpoints.empty()) return endpoints;
  boost::asio::io_context context;
  tcp::resolver resolver(context);
  boost::system::error_code error;
  using Flags = boost::asio::ip::resolver_base;
  const auto results =
      resolver.resolve(host_port.host, host_port.port, Flags::passive | Flags::numeric_service, error);
  if (error) {
    throw TransportDisconnectedError(url.to_string() + ": the name \"" + host_port.host +
                                     "\" cannot be resolved: " + error.message());
  }
  for (const auto& result : results) endpoints.push_back(result.endpoint());
  return endpoints;
}

void set(int socket, int level, int option) {
  const int on = 1;
  if (::setsockopt(socket, level, option, &on, sizeof on) != 0) {
    posix::throw_system_error("setsockopt", std::to_string(option), errno);
  }
}

/// Without a socket if the port is taken or the address is none of this machine: `error`.
posix::FileDescriptor try_listen(const tcp::endpoint& endpoint, int& error) {
  posix::FileDescriptor socket{
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) {
    error = errno;
    return {};
  }
  // Connections of a former listener that still fade away are no obstacle; one that listens is.
  set(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  if (endpoint.address().is_v6()) set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  if (::bind(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    error = errno;
    return {};
  }
  VAGUS_FAULT_POINT("listen.bound");
  if (::listen(socket.get(), SOMAXCONN) != 0) {
    error = errno;
    return {};
  }
  return socket;
}

std::uint16_t port_of(int socket) {
  tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(socket, endpoint.data(), &size) != 0) posix::throw_system_error("getsockname", "", errno);
  endpoint.resize(size);
  return endpoint.port();
}

}  // namespace

ListeningSocket listen_at(const Url& url, const Exposure& exposure) {
  const HostPort host_port = parse_host_port(url);
  int error = EADDRNOTAVAIL;
  for (const tcp::endpoint& endpoint : resolve(url, host_port)) {
    if (!exposure.allowed && !endpoint.address().is_loopback()) {
      throw ApiParamError(url.to_string() + ": " + to_string(endpoint) +
                          " can be reached from other machines, and " + exposure.lack +
                          ": listen at 127.0.0.1 or [::1], " + exposure.remedy + ", or say ?insecure=yes");
    }
    posix::FileDescriptor socket = try_listen(endpoint, error);
    if (error == EADDRINUSE) {
      // Not at the next address instead: two would listen at one URL, and heads reach the other one.
      throw TransportDisconnectedError(url.to_string() + " is taken: " + owner_of(endpoint) +
                                       " listens there already");
    }
    if (!socket) continue;
    const std::string port = std::to_string(port_of(socket.get()));
    const std::string host = url.address.substr(0, url.address.rfind(':'));
    return {std::move(socket), host + ":" + port};
  }
  posix::throw_system_error("bind", url.to_string(), error);
}

}  // namespace vagus::transport::tcp
