#include "datagram/options.hpp"

#include <algorithm>
#include <charconv>

#include <vagus/core/error.hpp>

#include "common/url_options.hpp"

namespace vagus::transport::datagram {

namespace {

[[noreturn]] void refuse(const Url& url, const std::string& what) {
  throw ApiParamError(url.to_string() + ": " + what);
}

bool parse_yes(const Url& url, std::string_view name, const std::string& text) {
  if (text == "yes") return true;
  if (text == "no") return false;
  refuse(url, std::string(name) + "=" + text + " is neither yes nor no");
}

}  // namespace

int parse_number(const Url& url, std::string_view name, const std::string& text, int least, int most) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec == std::errc{} && result.ptr == end && number >= least && number <= most) return number;
  refuse(url, std::string(name) + "=" + text + " is not a number from " + std::to_string(least) + " to " +
                  std::to_string(most));
}

Options parse_options(const Url& url, std::initializer_list<std::string_view> others) {
  Options options;
  for (const auto& [name, value] : url.options) {
    if (name == "keep_alive") {
      options.keep_alive = parse_time(url, name, value);
    } else if (name == "timeout") {
      options.timeout = parse_time(url, name, value);
    } else if (name == "insecure") {
      options.insecure = parse_yes(url, name, value);
    } else if (std::find(others.begin(), others.end(), name) == others.end()) {
      refuse_unless_of_other_floor(url, name, "keep_alive, timeout, insecure", others);
    }
  }
  if (options.timeout < options.keep_alive) refuse(url, "timeout is less than keep_alive");
  return options;
}

HostAndPort parse_host_and_port(const Url& url) {
  const std::string& address = url.address;
  const std::size_t colon = address.rfind(':');
  const bool bracketed = !address.empty() && address.front() == '[';
  if (colon == std::string::npos || colon == 0 ||
      (bracketed ? address[colon - 1] != ']' : address.find(':') != colon)) {
    refuse(url, "the address is not of the form host:port or [IPv6 address]:port, as 127.0.0.1:4000");
  }
  const std::string port = address.substr(colon + 1);
  parse_number(url, "the port", port, 0, 65'535);
  return {bracketed ? address.substr(1, colon - 2) : address.substr(0, colon), port};
}

}  // namespace vagus::transport::datagram
