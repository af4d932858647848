/// Times as people write them, in URLs and configurations.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <vagus/core/deadline.hpp>

namespace vagus {

/// `500ms`, `30s`, `5min`, `1h`: a whole number, of at least 1 unless told otherwise, up to 1 000 000 and a
/// unit, with nothing between. None: it is no such text.
std::optional<Duration> time_from_text(std::string_view text, std::int64_t least = 1) noexcept;

}  // namespace vagus
