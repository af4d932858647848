/// The one link of a command.
#pragma once

#include <string>

#include <vagus/vagus.hpp>

namespace vagus::tools {

/// What all commands that connect have in common.
struct ConnectionOptions {
  std::string url;
  Duration timeout = std::chrono::seconds(5);  ///< to connect within, and for each call
  std::string user;                            ///< empty: nobody logs in by a password
};

/// A head that is connected to one body.
class Connection {
 public:
  /// Waits until it is open. A password, or a token, is taken from the environment: VAGUS_PASSWORD,
  /// VAGUS_TOKEN. Throws what ApiArb::wait_open throws, UsageError for a password that is missing.
  explicit Connection(const ConnectionOptions& options);

  ApiArb& arb() noexcept { return arb_; }
  const Peer& peer() const noexcept { return peer_; }
  Duration timeout() const noexcept { return timeout_; }
  Description describe(const std::string& pattern) { return arb_.describe(peer_, pattern, timeout_); }

 private:
  const Duration timeout_;
  ApiArb arb_;
  Peer peer_;
};

}  // namespace vagus::tools
