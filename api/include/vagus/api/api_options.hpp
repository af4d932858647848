/// What may be chosen for an API, a method, a subscription.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>

#include <vagus/core/options.hpp>

namespace vagus {

/// Of a root API, or of a sub-API, for which only the defaults of calls and `serial` count.
struct ApiOptions {
  /// At most so many of its handlers run at once. 0: inline, on whatever thread reads; such handlers must not
  /// block.
  unsigned workers = 1;
  std::optional<Duration> timeout = std::nullopt;
  std::optional<Priority> priority = std::nullopt;
  std::optional<WhenFull> when_full = std::nullopt;
  /// True: its handlers never overlap, however many workers there are.
  bool serial = false;
  /// How many requests and events may wait for a worker; further ones are refused with OverloadedError or
  /// dropped.
  std::size_t queue = 1024;

  constexpr CallDefaults defaults() const noexcept { return {timeout, priority, when_full}; }
};

/// Of a method.
struct MethodOptions {
  std::optional<Duration> timeout = std::nullopt;
  std::optional<Priority> priority = std::nullopt;
  std::optional<WhenFull> when_full = std::nullopt;
  /// True: its runs never overlap, however many workers its API has.
  bool serial = false;

  constexpr CallDefaults defaults() const noexcept { return {timeout, priority, when_full}; }
};

/// Of a subscription to an event.
struct SubscribeOptions {
  /// True: events of this name may be handled at the same time, and out of order, as far as there are
  /// workers.
  bool concurrent = false;
};

static_assert(std::is_trivially_destructible_v<ApiOptions> &&
              std::is_trivially_destructible_v<MethodOptions> &&
              std::is_trivially_destructible_v<SubscribeOptions>);

}  // namespace vagus
