/// Bytes as text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vagus {

/// In the alphabet that also fits into a URL, `-` and `_` its last two, without padding.
std::string to_base64(std::span<const unsigned char> bytes);
/// None for what is not the text of any bytes.
std::optional<std::vector<unsigned char>> from_base64(std::string_view text);

}  // namespace vagus
