/// What a variant holds if a newer build has sent an alternative that this one does not know.
#pragma once

#include <cstdint>

#include <vagus/wire/value.hpp>

namespace vagus {

/// The last alternative of a variant that may grow: `std::variant<Circle, Square, vagus::UnknownAlternative>`
/// holds a Triangle of a newer build as this, instead of being an error. It travels as what it was, so that
/// it may be passed on.
struct UnknownAlternative {
  std::uint64_t index = 0;  ///< which alternative it is where it came from, counted from 0
  Value value;

  friend bool operator==(const UnknownAlternative&, const UnknownAlternative&) = default;
};

}  // namespace vagus
