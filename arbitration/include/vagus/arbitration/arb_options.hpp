/// What may be chosen for an ApiArb.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <vagus/arbitration/permissions.hpp>
#include <vagus/arbitration/users.hpp>
#include <vagus/core/exception_types.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/optional_ref.hpp>
#include <vagus/core/options.hpp>
#include <vagus/core/transaction_id_generator.hpp>
#include <vagus/transport/transport.hpp>

namespace vagus {

/// Whose threads run what is the program's: handlers, subscribers, callbacks, state listeners, coroutines.
enum class Loop : std::uint8_t {
  own,     ///< those of the ApiArb
  foreign  ///< those of the program, in ApiArb::process(): the thread of a GUI, or of an Asio io_context
};

/// Options of an ApiArb. What is referred to has to outlive it; text is copied.
struct ArbOptions {
  /// What this process calls itself towards its peers; the program's name by default.
  std::string_view name = {};

  /// Who runs handlers and callbacks. With `foreign` nothing is handled unless the program calls
  /// ApiArb::process().
  Loop loop = Loop::own;

  /// The defaults of all calls through this arbitrator: see CallDefaults.
  std::optional<Duration> timeout = std::nullopt;
  std::optional<Priority> priority = std::nullopt;
  std::optional<WhenFull> when_full = std::nullopt;
  std::optional<WhenDown> when_down = std::nullopt;

  /// The largest message that is sent and taken, in bytes. The smaller one of both ends counts.
  std::size_t max_message_size = std::size_t{64} << 20;
  /// How deep the values of a message may be nested.
  std::size_t max_depth = 64;
  /// Calls on one link that wait for their answer, in each direction; further ones are refused with
  /// OverloadedError.
  std::size_t max_pending = 65536;
  /// Peers of one listening endpoint; further ones are turned away.
  std::size_t max_links = 4096;
  /// What may wait, in bytes, for a peer that does not read its answers; more, and it is cut off as a slow
  /// consumer.
  std::size_t max_unsent = std::size_t{64} << 20;

  /// What each peer may do, copied; without such a list everybody who got a link may do everything.
  OptionalRef<const Permissions> permissions = {};
  /// Those who may log in, copied. With it, peers of listening endpoints have to, before anything else: with
  /// Endpoint::login() where they are heads of this library, by calling `$auth` where they are not. A
  /// listener whose URL says `?login=no` lets them in without.
  OptionalRef<const Users> users = {};

  /// The source of the ids of this side's calls; one of its own by default.
  OptionalRef<TransactionIdGenerator> transaction_ids = {};
  /// Where it logs; warnings and errors to standard error by default.
  OptionalRef<Log> log = {};
  /// The exception types that travel as themselves; those of the standard library by default.
  OptionalRef<const ExceptionTypes> exceptions = {};
  /// The transports that URLs may name; all that were compiled in by default.
  OptionalRef<const transport::TransportRegistry> transports = {};

  constexpr CallDefaults defaults() const noexcept { return {timeout, priority, when_full, when_down}; }
};

/// Options of ApiArb::attach.
struct AttachOptions {
  /// Binds the API to the endpoint of this name: `connect(url).named("left")`. Its calls and events then go
  /// there only.
  std::string_view peer = {};
};

static_assert(std::is_trivially_destructible_v<ArbOptions> &&
              std::is_trivially_destructible_v<AttachOptions>);

}  // namespace vagus
