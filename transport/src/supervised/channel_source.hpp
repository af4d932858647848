#pragma once

#include <string>
#include <utility>

#include "shm/socket_source.hpp"

namespace vagus::transport::supervised {

/// The sockets that a Supervisor sends over its channel, one for each link.
class ChannelSource final : public shm::SocketSource {
 public:
  explicit ChannelSource(std::string text) : text_(std::move(text)) {}

  const std::string& text() const noexcept override { return text_; }
  Taken take(int descriptor) const override;
  void check(const Credentials&) const override {}  // who has the other end of the channel may be there
  /// The Supervisor is gone, and has not stopped this process: it ends as if it had.
  void ended() const override;

 private:
  const std::string text_;
};

/// Sends one end of a new link over a channel, without waiting. 0, or the number of the error.
int send_link_socket(int channel, int socket) noexcept;

}  // namespace vagus::transport::supervised
