#include "stream/stream_options.hpp"

#include <algorithm>
#include <string>

#include <vagus/core/error.hpp>

#include "common/url_options.hpp"
#include "stream/zstd.hpp"

namespace vagus::transport::stream {

namespace {

bool parse_compression(const Url& url, const std::string& text) {
  if (text != "zstd") {
    throw ApiParamError(url.to_string() + ": compression=" + text +
                        " is not known; there is zstd, or none if nothing is said");
  }
  if (!zstd::available()) {
    throw ApiParamError(url.to_string() + ": this Vagus was built without libzstd (VAGUS_ZSTD=OFF)");
  }
  return true;
}

}  // namespace

StreamOptions parse_stream_options(const Url& url, std::initializer_list<std::string_view> others) {
  StreamOptions options;
  for (const auto& [name, value] : url.options) {
    if (name == "idle") {
      options.times.idle = parse_time(url, name, value);
    } else if (name == "keep_alive") {
      options.times.keep_alive = parse_time(url, name, value);
    } else if (name == "hello") {
      options.hello = parse_time(url, name, value);
    } else if (name == "wait") {
      options.wait_policy = parse_wait_policy(url, value);
    } else if (name == "compression") {
      options.compression = parse_compression(url, value);
    } else if (std::find(others.begin(), others.end(), name) == others.end()) {
      refuse_unless_of_other_floor(url, name, "wait, hello, idle, keep_alive, compression", others);
    }
  }
  return options;
}

}  // namespace vagus::transport::stream
