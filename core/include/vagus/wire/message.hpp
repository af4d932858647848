/// The messages of MessagePack-RPC, and what two peers of this library add to them.
///
/// To send one: begin it, pack what belongs behind, and end a request or notification that was begun as
/// `extended` with write_extension. To receive one: parse it, and unpack its parts from the views that are
/// returned.
///
/// Functions only; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include <vagus/wire/limits.hpp>
#include <vagus/wire/reader.hpp>
#include <vagus/wire/writer.hpp>

namespace vagus::wire {

/// Which chain of calls a call belongs to: a call that is made by a handler belongs to that of the call
/// handled.
struct Chain {
  std::uint64_t root = 0;   ///< random, the same for all calls of the chain
  std::uint32_t depth = 0;  ///< 0 for the first call

  friend bool operator==(const Chain&, const Chain&) = default;
};

/// What may stand at the end of a request or notification between two peers of this library.
struct Extension {
  std::span<const std::byte> keyword_arguments = {};  ///< a MessagePack map; empty: none
  std::optional<std::uint64_t> time_remaining_us = std::nullopt;
  std::optional<std::int32_t> priority = std::nullopt;
  std::optional<Chain> chain = std::nullopt;
  std::string_view traceparent = {};  ///< of W3C trace context; empty: none
  std::uint32_t progress = 0;         ///< so many `$progress` ahead of the caller it takes; 0: none
  std::string_view signature =
      {};  ///< as its sender was built with it, who knows that it differs; else empty

  bool empty() const noexcept {
    return keyword_arguments.empty() && !time_remaining_us && !priority && !chain && traceparent.empty() &&
           progress == 0 && signature.empty();
  }
};
static_assert(std::is_trivially_destructible_v<Extension>);

enum class MessageKind : std::uint8_t { request, response, notification };

/// A message in parts, most of them views into its bytes.
struct Message {
  MessageKind kind = MessageKind::notification;
  std::uint32_t id = 0;                    ///< of a request or response
  std::string_view method = {};            ///< of a request or notification: its full namespace
  std::span<const std::byte> params = {};  ///< of a request or notification: one array
  std::span<const std::byte> error = {};   ///< of a response: one value; nil (c0) means success
  std::span<const std::byte> result = {};  ///< of a response: one value
  Extension extension = {};

  /// Is this a response that says that the call failed? Anything but nil says so, false and "" included.
  bool failed() const noexcept { return !error.empty() && error.front() != std::byte{0xc0}; }
};
static_assert(std::is_trivially_destructible_v<Message>);

/// Takes one message apart, which `bytes` hold and nothing else. All of it is checked to be valid MessagePack
/// within the limits; what params, error and result mean is not looked at. Allocates nothing.
///
/// An id is any integer of 32 bits, a negative one (there are clients that count in int) stands for the same
/// bits. Unknown keys of the extension are skipped.
///
/// Throws MalformedError, and no other error: what is no message here is of no use at all.
Message parse(std::span<const std::byte> bytes, const Limits& limits);

/// Begins a request. The params follow, one array, and then if `extended` the extension.
void begin_request(Writer& writer, std::uint32_t id, std::string_view method, bool extended);

/// Begins a notification. The params follow, one array, and then if `extended` the extension.
void begin_notification(Writer& writer, std::string_view method, bool extended);

/// Ends a request or notification that was begun as extended. May be empty.
void write_extension(Writer& writer, const Extension& extension);

/// Begins a response. The error follows, or nil, and then the result, or nil if there was an error.
void begin_response(Writer& writer, std::uint32_t id);

}  // namespace vagus::wire
