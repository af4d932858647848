#include "shm/address.hpp"

#include <unistd.h>

#include <cstddef>
#include <cstring>

#include <vagus/core/error.hpp>

#include "common/address_name.hpp"

namespace vagus::transport::shm {

namespace {

void check_path(const Url& url) {
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (url.address.size() > longest) {
    throw ApiParamError(url.to_string() + ": the path has " + std::to_string(url.address.size()) +
                        " bytes, a socket's may have " + std::to_string(longest));
  }
  if (url.address.back() == '/')
    throw ApiParamError(url.to_string() + ": the path names a folder, not a file");
}

}  // namespace

Address::Address(const Url& url) : text_(url.to_string()) {
  address_.sun_family = AF_UNIX;
  std::string name;
  if (url.address.starts_with('/')) {
    check_path(url);
    path_ = name = url.address;
  } else {
    check_address_name(url);
    // The first byte, 0, makes it abstract.
    name = std::string(1, '\0') + "vagus/" + std::to_string(::geteuid()) + "/" + url.address;
  }
  static_assert(sizeof(sockaddr_un::sun_path) > 1 + sizeof("vagus/4294967295/") + 64);
  std::memcpy(address_.sun_path, name.data(), name.size());
  const std::size_t end =
      is_abstract() ? 0 : 1;  // a path ends with a zero byte, an abstract name with its size
  size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + end);
}

}  // namespace vagus::transport::shm
