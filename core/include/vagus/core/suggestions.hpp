/// Which name somebody may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vagus {

/// The nearest of the names, if it is near enough to be meant: by insertions, deletions, replacements and
/// swaps of neighbours. Empty if none is.
std::string nearest_name(std::string_view name, const std::vector<std::string>& names);

/// `; did you mean move_to?`, or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& names);

}  // namespace vagus
