#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include <vagus/transport/url.hpp>

#include "common/spin.hpp"

namespace vagus::transport::ring {

/// What a URL may say about the rings of a link:
/// `?ring=BYTES&arena=BYTES&wait=adaptive|spin|block&trust=peer`.
struct LinkOptions {
  std::size_t ring_bytes = 256 * 1024;  ///< of what this side sends; each side says its own
  /// Of what large messages and loans of this side lie in; taken only when there are some. 0: none.
  std::size_t arena_bytes = 8 * 1024 * 1024;
  WaitPolicy wait_policy = WaitPolicy::adaptive;
  bool trusts_peer = false;  ///< to leave what it has sent alone
};

/// Throws ApiParamError for a bad value, and for an option that is none of these and not among `others`.
LinkOptions parse_link_options(const Url& url, std::initializer_list<std::string_view> others);

}  // namespace vagus::transport::ring
