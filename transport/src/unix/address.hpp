#pragma once

#include <vagus/transport/url.hpp>

#include "local/socket_address.hpp"

namespace vagus::transport::unix_socket {

/// `unix:///path` is a file, `unix://@name` an abstract name. Throws ApiParamError for anything else.
local::SocketAddress address_of(const Url& url);

}  // namespace vagus::transport::unix_socket
