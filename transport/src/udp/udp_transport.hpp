#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

namespace vagus::transport::udp {

/// `udp://host:port`
std::shared_ptr<Transport> make_transport();
/// `msgpack+udp://host:port`: connects to servers that speak MessagePack-RPC and no more.
std::shared_ptr<Transport> make_plain_transport();

}  // namespace vagus::transport::udp
