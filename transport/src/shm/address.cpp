#include "shm/address.hpp"

#include <unistd.h>

#include <string>

#include "common/address_name.hpp"

namespace vagus::transport::shm {

namespace {

local::SocketAddress address_of(const Url& url) {
  if (url.address.starts_with('/')) return local::SocketAddress::path(url);
  check_address_name(url);
  static_assert(sizeof(sockaddr_un::sun_path) > 1 + sizeof("vagus/4294967295/") + 64);
  return local::SocketAddress::abstract(url, "vagus/" + std::to_string(::geteuid()) + "/" + url.address);
}

}  // namespace

Address::Address(const Url& url) : local::SocketAddress(address_of(url)) {}

}  // namespace vagus::transport::shm
