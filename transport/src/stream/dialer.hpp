#pragma once

#include <sys/socket.h>

#include <functional>
#include <string>
#include <vector>

#include <vagus/core/result.hpp>

namespace vagus::transport::stream {

/// One socket address.
struct SocketTarget {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string text;  ///< for messages
};

/// Finds the socket addresses that a URL stands for.
class Dialer {
 public:
  using Found = std::function<void(Result<std::vector<SocketTarget>>)>;

  virtual ~Dialer() = default;
  /// For messages: the URL.
  virtual const std::string& text() const noexcept = 0;
  /// `found` is called once, with one at least, on a thread of the loop or inside this call; never after
  /// cancel().
  virtual void find(Found found) = 0;
  virtual void cancel() noexcept = 0;
};

}  // namespace vagus::transport::stream
