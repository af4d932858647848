/// What may be chosen for a call, and at which levels: library < arbitrator < root API < sub-API < method <
/// this call.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include <vagus/core/deadline.hpp>
#include <vagus/core/executor.hpp>
#include <vagus/core/optional_ref.hpp>

namespace vagus {

/// Reorders within the queue of one API, never on the link. Nested calls inherit it.
enum class Priority : std::int8_t { low = -1, normal = 0, high = 1 };

/// What becomes of a message when the link is full.
enum class WhenFull : std::uint8_t {
  wait,    ///< for space, up to the deadline; then OverloadedError
  refuse,  ///< OverloadedError at once
  drop     ///< an unsolicited message is dropped and counted; a call is refused
};

/// What becomes of a call, or of a message that nobody answers, while the link that it needs is down after it
/// had been open. As long as it has never been open, a call waits for it in any case.
enum class WhenDown : std::uint8_t {
  fail,  ///< TransportDisconnectedError at once; an event is as if nobody listened
  queue  ///< waits in the queue of its API, see DownQueue, until the link is back or its deadline passes
};

/// What becomes of one more that is to wait in a queue that is full.
enum class WhenQueueFull : std::uint8_t {
  refuse,       ///< OverloadedError
  drop_oldest,  ///< it takes the place of the oldest, which fails with OverloadedError, or is gone
  block         ///< whoever sends it waits until there is a place or its deadline passes
};

/// The queue for what cannot be sent while a link is down.
struct DownQueue {
  std::size_t capacity = 1024;  ///< of calls and messages
  WhenQueueFull when_full = WhenQueueFull::refuse;
};

/// The library's default: nobody hangs for ever by accident.
inline constexpr Duration default_timeout = std::chrono::seconds(30);

/// What each level of defaults may set; what it does not set comes from the level above.
struct CallDefaults {
  /// How long a call may take in all; `no_timeout` for ever.
  std::optional<Duration> timeout = std::nullopt;
  std::optional<Priority> priority = std::nullopt;
  std::optional<WhenFull> when_full = std::nullopt;
  std::optional<WhenDown> when_down = std::nullopt;

  /// These, and from `above` what these leave open.
  constexpr CallDefaults over(const CallDefaults& above) const noexcept {
    return {timeout ? timeout : above.timeout, priority ? priority : above.priority,
            when_full ? when_full : above.when_full, when_down ? when_down : above.when_down};
  }
};

/// The options of one call. They never stick to the next one.
struct CallOptions {
  std::optional<Duration> timeout = std::nullopt;  ///< in all; a negative one has passed already
  std::optional<WhenFull> when_full = std::nullopt;
  std::optional<WhenDown> when_down = std::nullopt;
  std::optional<Priority> priority = std::nullopt;
  OptionalRef<Executor> on =
      {};  ///< where callbacks run; the API's workers by default. Has to outlive the call
  /// With stream() and on_progress(): the timeout begins anew with each part that comes. The handler sees no
  /// deadline then, or that of the call inside which this one is made.
  bool renewed_by_progress = false;

  constexpr CallDefaults defaults() const noexcept { return {timeout, priority, when_full, when_down}; }
};

/// The options of one unsolicited message.
struct PostOptions {
  std::optional<Duration> timeout = std::nullopt;  ///< how long it may wait for space
  std::optional<WhenFull> when_full = std::nullopt;
  std::optional<WhenDown> when_down = std::nullopt;
  std::optional<Priority> priority = std::nullopt;
  bool ignore_errors = false;  ///< true: nothing is thrown, the message may be lost

  constexpr CallDefaults defaults() const noexcept { return {timeout, priority, when_full, when_down}; }
};

// GCC 12 miscompiles temporaries of aggregates with destructors in coroutines.
static_assert(std::is_trivially_destructible_v<CallDefaults> &&
              std::is_trivially_destructible_v<CallOptions> && std::is_trivially_destructible_v<PostOptions>);

}  // namespace vagus
