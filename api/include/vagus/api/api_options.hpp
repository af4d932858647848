/// What may be chosen for an API, a method, a subscription.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
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
  std::optional<WhenDown> when_down = std::nullopt;
  /// True: its handlers never overlap, however many workers there are.
  bool serial = false;
  /// How many requests and events may wait for a worker; further ones are refused with OverloadedError or
  /// dropped.
  std::size_t queue = 1024;
  /// Of what is called and posted through it while a link is down, with `when_down = queue`. Only that of the
  /// root API counts.
  DownQueue down_queue = {};
  /// What it is for, and which version of it this is, for those who ask what there is here. Copied when the
  /// API is made.
  std::string_view docs = {};
  std::string_view version = {};

  constexpr CallDefaults defaults() const noexcept { return {timeout, priority, when_full, when_down}; }
};

/// Of a method.
struct MethodOptions {
  std::optional<Duration> timeout = std::nullopt;
  std::optional<Priority> priority = std::nullopt;
  std::optional<WhenFull> when_full = std::nullopt;
  std::optional<WhenDown> when_down = std::nullopt;
  /// True: its runs never overlap, however many workers its API has.
  bool serial = false;
  /// True: to run it twice is as good as once. A call that was sent and not answered when its link was lost
  /// may then be sent again: it is as if it had not been sent, and `when_down` says what becomes of it. No
  /// other call is ever sent twice.
  bool idempotent = false;
  /// True: who asks what there is here is told of it only by its whole name, or with a permission to describe
  /// it. Who may call it does not change.
  bool hidden = false;

  constexpr CallDefaults defaults() const noexcept { return {timeout, priority, when_full, when_down}; }
};

/// `Method<void()> reset{this, "reset", "For the factory.", vagus::hidden};`
inline constexpr MethodOptions hidden = [] {
  MethodOptions options;
  options.hidden = true;
  return options;
}();

/// Which event is lost when one comes for which there is no room any more.
enum class Lost : std::uint8_t {
  newest,  ///< the one that comes
  oldest   ///< the one that has waited longest: who is slow hears of the latest
};

/// Of a subscription to an event.
struct SubscribeOptions {
  /// True: events of this name may be handled at the same time, and out of order, as far as there are
  /// workers.
  bool concurrent = false;
  /// So many events of one peer wait at most for this subscriber, behind the one that it is at; 0: as many as
  /// there is room for in the queue of the API. Not for a concurrent one.
  std::size_t queue = 0;
  /// What is lost when more come. The next event that it handles says how many that were: Call::missed().
  Lost lost = Lost::newest;
};

static_assert(std::is_trivially_destructible_v<ApiOptions> &&
              std::is_trivially_destructible_v<MethodOptions> &&
              std::is_trivially_destructible_v<SubscribeOptions>);

}  // namespace vagus
