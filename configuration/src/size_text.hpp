/// Sizes as people write them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace vagus {

/// `4096B`, `64KiB`, `16MiB`, `1GiB`: a whole number above 0 and a unit, with nothing between. None: it is no
/// such text, or more than memory has.
std::optional<std::size_t> size_from_text(std::string_view text) noexcept;

}  // namespace vagus
