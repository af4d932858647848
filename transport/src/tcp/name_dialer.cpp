#include "tcp/name_dialer.hpp"

#include <cstring>
#include <utility>
#include <vector>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/error.hpp>

namespace vagus::transport::tcp {

namespace {

using boost::asio::ip::tcp;

stream::SocketTarget to_target(const tcp::endpoint& endpoint) {
  stream::SocketTarget target;
  std::memcpy(&target.address, endpoint.data(), endpoint.size());
  target.size = static_cast<socklen_t>(endpoint.size());
  target.text = to_string(endpoint);
  return target;
}

}  // namespace

std::string to_string(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = ":" + std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]" + port : address + port;
}

std::vector<tcp::endpoint> known_endpoints(const HostPort& host_port) {
  namespace ip = boost::asio::ip;
  const auto port = static_cast<std::uint16_t>(std::stoul(host_port.port));
  boost::system::error_code no_address;
  const auto address = ip::make_address(host_port.host, no_address);
  if (!no_address) return {tcp::endpoint(address, port)};
  // What the system says of it differs (RFC 6761), and takes long behind a name that is far away.
  if (host_port.host == "localhost") {
    return {tcp::endpoint(ip::address_v4::loopback(), port), tcp::endpoint(ip::address_v6::loopback(), port)};
  }
  return {};
}

NameDialer::NameDialer(EventLoop& loop, std::string text, HostPort host_port)
    : text_(std::move(text)), host_port_(std::move(host_port)), resolver_(asio_context(loop)) {}

void NameDialer::find(Found found) {
  std::vector<stream::SocketTarget> known;
  for (const auto& endpoint : known_endpoints(host_port_)) known.push_back(to_target(endpoint));
  if (!known.empty()) return found(std::move(known));
  MutexLock lock(mutex_);
  resolver_.async_resolve(
      host_port_.host, host_port_.port, boost::asio::ip::resolver_base::numeric_service,
      [found = std::move(found), host = host_port_.host](const boost::system::error_code& error,
                                                         const tcp::resolver::results_type& results) {
        if (error == boost::asio::error::operation_aborted) return;
        if (error) {
          return found(make_error<TransportDisconnectedError>("the name \"" + host +
                                                              "\" cannot be resolved: " + error.message()));
        }
        std::vector<stream::SocketTarget> targets;
        for (const auto& result : results) targets.push_back(to_target(result.endpoint()));
        found(std::move(targets));
      });
}

void NameDialer::cancel() noexcept {
  MutexLock lock(mutex_);
  resolver_.cancel();
}

}  // namespace vagus::transport::tcp
