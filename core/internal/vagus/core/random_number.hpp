/// Numbers that nobody else draws. Not installed.
#pragma once

#include <cstdint>

namespace vagus::detail {

/// A random number that is not 0; processes forked from one draw different ones. Not for secrets. Safe from
/// any thread.
std::uint64_t random_number();

}  // namespace vagus::detail
