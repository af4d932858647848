/// Values in the form that people read, safe to log.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <vagus/wire/reader.hpp>

namespace vagus::wire::detail {

/// Appends `text` in double quotes. Control characters, what is no UTF-8 and what would turn the direction of
/// writing are escaped; behind `limit` bytes it is cut off.
void append_quoted(std::string& out, std::string_view text, std::size_t limit = std::string::npos);

/// The text with U+FFFD for each byte that is part of no UTF-8.
std::string valid_utf8(std::string_view text);

/// Appends a real number so that it is read back unchanged, and is seen to be no integer: `1.0`, `nan`,
/// `-inf`.
void append_real(std::string& out, double value);

/// Appends how many bytes there are and the first of them: `3 bytes: 00 ff 10`.
void append_bytes(std::string& out, std::span<const std::byte> bytes);

/// Reads one value and appends it like JSON. When the text has got longer than `limit`, the rest is left out.
void append_value(std::string& out, Reader& reader, std::size_t limit = std::string::npos);

}  // namespace vagus::wire::detail
