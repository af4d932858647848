#include "ring/link_options.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <vagus/core/error.hpp>

#include "common/url_options.hpp"
#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

namespace {

[[noreturn]] void refuse(const Url& url, const std::string& what) {
  throw ApiParamError(url.to_string() + ": " + what);
}

std::optional<std::size_t> parse_number(const std::string& text) {
  std::size_t number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc{} && result.ptr == end ? std::optional(number) : std::nullopt;
}

std::size_t parse_ring_bytes(const Url& url, const std::string& text) {
  const auto bytes = parse_number(text);
  if (bytes && valid_ring_bytes(*bytes)) return *bytes;
  refuse(url, "ring=" + text + " is not a power of two from " + std::to_string(min_ring_bytes) + " to " +
                  std::to_string(max_ring_bytes));
}

std::size_t parse_arena_bytes(const Url& url, const std::string& text) {
  const auto bytes = parse_number(text);
  if (bytes && valid_arena_bytes(*bytes)) return *bytes;
  refuse(url, "arena=" + text + " is not a multiple of " + std::to_string(page_size) + " up to " +
                  std::to_string(max_arena_bytes));
}

}  // namespace

LinkOptions parse_link_options(const Url& url, std::initializer_list<std::string_view> others) {
  LinkOptions options;
  for (const auto& [name, value] : url.options) {
    if (name == "ring") {
      options.ring_bytes = parse_ring_bytes(url, value);
    } else if (name == "arena") {
      options.arena_bytes = parse_arena_bytes(url, value);
    } else if (name == "wait") {
      options.wait_policy = parse_wait_policy(url, value);
    } else if (name == "trust") {
      if (value != "peer") refuse(url, "trust=" + value + " is not peer, the only one to trust");
      options.trusts_peer = true;
    } else if (std::find(others.begin(), others.end(), name) == others.end()) {
      refuse_unless_of_other_floor(url, name, "ring, arena, wait, trust", others);
    }
  }
  return options;
}

}  // namespace vagus::transport::ring
