#include "unix/address.hpp"

#include <vagus/core/error.hpp>

namespace vagus::transport::unix_socket {

local::SocketAddress address_of(const Url& url) {
  if (url.address.starts_with('/')) return local::SocketAddress::path(url);
  if (url.address.starts_with('@') && url.address.size() > 1) {
    return local::SocketAddress::abstract(url, url.address.substr(1));
  }
  throw ApiParamError(url.to_string() + ": the address is neither a path, as in " + url.scheme +
                      ":///run/machine, nor an abstract name, as in " + url.scheme + "://@machine");
}

}  // namespace vagus::transport::unix_socket
