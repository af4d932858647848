/// How much of a message is accepted.
#pragma once

#include <cstddef>
#include <type_traits>

namespace vagus::wire {

/// What one message may be at most. Whoever receives checks it before anything is allocated; what exceeds it
/// is no valid message. A plain value.
struct Limits {
  /// Bytes of one message, the envelope included. Raise it at both ends of a link, or the other end refuses
  /// what this one sends.
  std::size_t message_size = 64u << 20;

  /// How deep arrays and maps may be nested, the message itself being the first level. At most
  /// `Reader::max_depth`: what is larger counts as that.
  std::size_t depth = 64;
};
static_assert(std::is_trivially_destructible_v<Limits>);

}  // namespace vagus::wire
