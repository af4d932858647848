#pragma once

#include <memory>

#include "stream/handshake.hpp"

namespace vagus::transport::unix_socket {

/// `unix://`; with Greeting::none `msgpack+unix://`, of which the connecting side says nothing by itself.
std::shared_ptr<Transport> make_transport(stream::Greeting greeting = stream::Greeting::call);

}  // namespace vagus::transport::unix_socket
