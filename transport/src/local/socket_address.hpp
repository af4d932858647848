#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include <vagus/transport/url.hpp>

namespace vagus::transport::local {

/// The address of a UNIX socket: an abstract name, which has no file and goes with its owner, or a file.
class SocketAddress {
 public:
  /// A file. Throws ApiParamError for a path that no socket can have.
  static SocketAddress path(const Url& url);
  /// An abstract name, as the kernel has it but for the zero byte before it. Throws ApiParamError if it is
  /// too long.
  static SocketAddress abstract(const Url& url, const std::string& name);

  /// A file's path; empty for an abstract name.
  const std::string& path() const noexcept { return path_; }
  bool is_abstract() const noexcept { return path_.empty(); }
  /// For messages: the URL.
  const std::string& text() const noexcept { return text_; }

  const sockaddr* socket_address() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const noexcept { return size_; }

 private:
  SocketAddress(const Url& url, std::string path, const std::string& name);

  std::string text_;
  std::string path_;
  sockaddr_un address_{};
  socklen_t size_ = 0;
};

}  // namespace vagus::transport::local
