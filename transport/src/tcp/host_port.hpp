#pragma once

#include <string>

#include <vagus/transport/url.hpp>

namespace vagus::transport::tcp {

/// The address of a URL: `localhost:4000`, `127.0.0.1:4000`, `[::1]:4000`.
struct HostPort {
  std::string host;  ///< a name or an address, without brackets
  std::string port;  ///< a number
};

/// Throws ApiParamError that says what a right one looks like.
HostPort parse_host_port(const Url& url);

}  // namespace vagus::transport::tcp
