#pragma once

#include <algorithm>
#include <climits>
#include <initializer_list>
#include <string>
#include <string_view>

#include <vagus/core/deadline.hpp>
#include <vagus/transport/url.hpp>

namespace vagus::transport::datagram {

/// What a URL may say about links over datagrams: `?keep_alive=1s&timeout=5s`, and to listen `&insecure=yes`.
struct Options {
  Duration keep_alive =
      std::chrono::seconds(1);  ///< of silence, after which a peer is asked whether it is there
  /// Of silence, after which it is taken for gone: at the first end of a `keep_alive` that is no earlier, and
  /// not before a ping has had as long to be answered.
  Duration timeout = std::chrono::seconds(5);
  bool insecure = false;  ///< others than this machine may come

  /// How many the peer may leave unanswered: those that come before the timeout, one after each `keep_alive`.
  int unanswered_pings() const noexcept {
    return static_cast<int>(std::clamp<Duration::rep>((timeout - Duration(1)) / keep_alive, 1, INT_MAX));
  }
};

/// Throws ApiParamError for a bad value, and for an option that is none of these and not among `others`.
Options parse_options(const Url& url, std::initializer_list<std::string_view> others);

/// `host:port`, `[IPv6 address]:port`.
struct HostAndPort {
  std::string host;
  std::string port;
};
/// Throws ApiParamError.
HostAndPort parse_host_and_port(const Url& url);

/// Throws ApiParamError.
int parse_number(const Url& url, std::string_view name, const std::string& text, int least, int most);

}  // namespace vagus::transport::datagram
