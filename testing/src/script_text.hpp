#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <vagus/core/deadline.hpp>

namespace vagus::detail {

// What failures are told with.

/// `once`, `3 times`.
std::string times_text(std::size_t count);
/// How often something has to come.
std::string limits_text(std::size_t least, std::size_t most);
std::string milliseconds_text(Duration duration);
/// Lines below a heading; nothing without lines.
std::string listed(const std::string& heading, const std::vector<std::string>& lines);

}  // namespace vagus::detail
