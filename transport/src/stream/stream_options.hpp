#pragma once

#include <chrono>
#include <initializer_list>
#include <string_view>

#include <vagus/core/deadline.hpp>
#include <vagus/transport/url.hpp>

#include "common/spin.hpp"
#include "stream/stream_state.hpp"

namespace vagus::transport::stream {

/// What a URL may say about links over a byte stream:
/// `?wait=adaptive|spin|block&idle=30s&keep_alive=5s&hello=5s&compression=zstd`.
struct StreamOptions {
  StreamTimes times;
  WaitPolicy wait_policy = WaitPolicy::adaptive;
  bool compression = false;                  ///< of large messages, if the peer wants it too
  Duration hello = std::chrono::seconds(5);  ///< so long a listener waits for a peer's first message
};

/// Throws ApiParamError for a bad value, and for an option that is none of these and not among `others`.
StreamOptions parse_stream_options(const Url& url, std::initializer_list<std::string_view> others);

}  // namespace vagus::transport::stream
