#include "local/socket_address.hpp"

#include <cstddef>
#include <cstring>
#include <utility>

#include <vagus/core/error.hpp>

namespace vagus::transport::local {

namespace {

constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;

void check_size(const Url& url, const char* what, std::size_t size) {
  if (size <= longest) return;
  throw ApiParamError(url.to_string() + ": the " + what + " has " + std::to_string(size) +
                      " bytes, a socket's may have " + std::to_string(longest));
}

}  // namespace

SocketAddress SocketAddress::path(const Url& url) {
  check_size(url, "path", url.address.size());
  if (url.address.back() == '/')
    throw ApiParamError(url.to_string() + ": the path names a folder, not a file");
  return SocketAddress(url, url.address, url.address);
}

SocketAddress SocketAddress::abstract(const Url& url, const std::string& name) {
  check_size(url, "name", name.size());
  // The first byte, 0, makes it abstract.
  return SocketAddress(url, {}, std::string(1, '\0') + name);
}

SocketAddress::SocketAddress(const Url& url, std::string path, const std::string& name)
    : text_(url.to_string()), path_(std::move(path)) {
  address_.sun_family = AF_UNIX;
  std::memcpy(address_.sun_path, name.data(), name.size());
  // A path ends with a zero byte, an abstract name with its size.
  const std::size_t end = is_abstract() ? 0 : 1;
  size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + end);
}

}  // namespace vagus::transport::local
