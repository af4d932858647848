/// Numbers that nobody else draws. Not installed.
#pragma once

#include <cstdint>

namespace vagus::detail {

/// A random number that is not 0, which nobody can foretell from those drawn before; processes forked from
/// one draw different ones. Throws std::system_error if the system has none. Safe from any thread.
std::uint64_t random_number();

}  // namespace vagus::detail
