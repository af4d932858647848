#include "tcp/host_port.hpp"

#include <charconv>

#include <vagus/core/error.hpp>

namespace vagus::transport::tcp {

namespace {

[[noreturn]] void refuse(const Url& url, const std::string& what) {
  throw ApiParamError(url.to_string() + ": " + what + "; right ones are " + url.scheme +
                      "://localhost:4000, " + url.scheme + "://127.0.0.1:4000 and " + url.scheme +
                      "://[::1]:4000");
}

}  // namespace

HostPort parse_host_port(const Url& url) {
  const std::string& text = url.address;
  const std::size_t colon = text.rfind(':');
  const bool in_brackets = text.starts_with('[');
  const std::size_t bracket = text.rfind(']');
  if (colon == std::string::npos || (in_brackets && (bracket == std::string::npos || colon < bracket))) {
    refuse(url, "the address has no port");
  }
  HostPort parts{text.substr(0, colon), text.substr(colon + 1)};
  if (in_brackets) {
    if (bracket + 1 != colon) refuse(url, "between ] and the port stands more than a colon");
    parts.host = text.substr(1, bracket - 1);
  } else if (parts.host.find(':') != std::string::npos) {
    refuse(url, "an address with colons has to stand in brackets");
  }
  if (parts.host.empty()) refuse(url, "the address has no host");
  unsigned port = 0;
  const char* end = parts.port.data() + parts.port.size();
  const auto result = std::from_chars(parts.port.data(), end, port);
  if (result.ec != std::errc{} || result.ptr != end || port > 65535) {
    refuse(url, "\"" + parts.port + "\" is not a port, a number up to 65535");
  }
  return parts;
}

}  // namespace vagus::transport::tcp
