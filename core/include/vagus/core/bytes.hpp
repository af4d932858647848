/// Owned bytes.
#pragma once

#include <cstddef>
#include <vector>

namespace vagus {

/// Bytes that belong to whoever holds them: an encoded message, or binary data in an argument.
using Bytes = std::vector<std::byte>;

}  // namespace vagus
