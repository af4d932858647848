#pragma once

#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>

#include "stream/dialer.hpp"
#include "tcp/host_port.hpp"

namespace vagus::transport::tcp {

/// Finds the addresses of a host, on Asio's own thread for that, of which an event loop has one: what the
/// system asks for a name may take long. A look-up that is under way cannot be ended: the loop has work until
/// then, and waits for it when it is destroyed.
class NameDialer final : public stream::Dialer {
 public:
  NameDialer(EventLoop& loop, std::string text, HostPort host_port);

  const std::string& text() const noexcept override { return text_; }
  void find(Found found) override;
  void cancel() noexcept override;

 private:
  const std::string text_;
  const HostPort host_port_;
  Mutex mutex_;
  boost::asio::ip::tcp::resolver resolver_ VAGUS_GUARDED_BY(mutex_);
};

/// Where a host is that is known without asking, both to listen and to connect: an address, or `localhost`,
/// which is 127.0.0.1, then ::1. Empty if its name has to be looked up.
std::vector<boost::asio::ip::tcp::endpoint> known_endpoints(const HostPort& host_port);

/// "127.0.0.1:4000", "[::1]:4000"
std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace vagus::transport::tcp
