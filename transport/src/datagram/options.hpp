#pragma once

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
  Duration timeout = std::chrono::seconds(5);  ///< of silence, after which it is taken for gone
  bool insecure = false;                       ///< others than this machine may come

  int unanswered_pings() const noexcept { return static_cast<int>(timeout / keep_alive); }
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
