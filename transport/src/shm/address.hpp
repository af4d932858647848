#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include <vagus/transport/url.hpp>

namespace vagus::transport::shm {

/// Where head and body meet: the address of a UNIX socket. `shm://NAME` is the abstract name `vagus/<user
/// id>/NAME`, which has no file and goes with its owner; `shm:///path` is a file.
class Address {
 public:
  /// Throws ApiParamError for a name with other characters than letters, digits, `_`, `-` and `.`, and for
  /// names and paths that are too long.
  explicit Address(const Url& url);

  /// A file's path; empty for an abstract name.
  const std::string& path() const noexcept { return path_; }
  bool is_abstract() const noexcept { return path_.empty(); }
  /// For messages.
  const std::string& text() const noexcept { return text_; }

  const sockaddr* socket_address() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const noexcept { return size_; }

 private:
  std::string text_;
  std::string path_;
  sockaddr_un address_{};
  socklen_t size_ = 0;
};

}  // namespace vagus::transport::shm
