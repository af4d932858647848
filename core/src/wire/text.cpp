#include "wire/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace vagus::wire::detail {

namespace {

constexpr const char* hex_digits = "0123456789abcdef";

void append_hex(std::string& out, std::uint8_t byte) {
  out += hex_digits[byte >> 4];
  out += hex_digits[byte & 0x0f];
}

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // bytes of UTF-8; 0 if there is no valid code point
};

CodePoint code_point_at(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t value = lead & (0x7fu >> size);
  for (std::size_t index = 1; index < size; ++index) {
    if ((byte(index) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(index) & 0x3fu);
  }
  const bool too_long = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (too_long || surrogate || value > 0x10ffff) return {};
  return {value, size};
}

// What would move the cursor, end the line, or make text read in another order than it is written.
bool is_control(char32_t value) {
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || value == 0x200e || value == 0x200f ||
         (value >= 0x2028 && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069) || value == 0xfeff;
}

void append_escaped(std::string& out, std::string_view bytes) {
  switch (bytes.front()) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  for (const char c : bytes) {
    out += "\\x";
    append_hex(out, static_cast<std::uint8_t>(c));
  }
}

void append_integer(std::string& out, Integer value) {
  out += value.negative ? std::to_string(static_cast<std::int64_t>(value.bits)) : std::to_string(value.bits);
}

void append_array(std::string& out, Reader& reader, std::size_t limit) {
  const std::size_t elements = reader.array();
  const Reader::Level level{reader};
  out += '[';
  for (std::size_t index = 0; index < elements; ++index) {
    if (index != 0) out += ", ";
    if (out.size() > limit) {
      out += "...";
      for (; index < elements; ++index) reader.skip();
      break;
    }
    append_value(out, reader, limit);
  }
  out += ']';
}

void append_map(std::string& out, Reader& reader, std::size_t limit) {
  const std::size_t entries = reader.map();
  const Reader::Level level{reader};
  out += '{';
  for (std::size_t index = 0; index < entries; ++index) {
    if (index != 0) out += ", ";
    if (out.size() > limit) {
      out += "...";
      for (; index < entries; ++index) {
        reader.skip();
        reader.skip();
      }
      break;
    }
    append_value(out, reader, limit);
    out += ": ";
    append_value(out, reader, limit);
  }
  out += '}';
}

}  // namespace

void append_quoted(std::string& out, std::string_view text, std::size_t limit) {
  out += '"';
  for (std::size_t used = 0; !text.empty();) {
    const CodePoint point = code_point_at(text);
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(point.size, 1));
    used += bytes.size();
    if (used > limit) {
      out += "\"...";
      return;
    }
    if (point.size == 0 || is_control(point.value)) {
      append_escaped(out, bytes);
    } else {
      if (point.value == U'"' || point.value == U'\\') out += '\\';
      out += bytes;
    }
    text.remove_prefix(bytes.size());
  }
  out += '"';
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = code_point_at(text).size;
    valid += size == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return valid;
}

void append_real(std::string& out, double value) {
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  const std::string_view text{buffer.data(), result.ptr};
  out += text;
  if (std::isfinite(value) && text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_bytes(std::string& out, std::span<const std::byte> bytes) {
  constexpr std::size_t shown = 8;
  out += std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes");
  if (bytes.empty()) return;
  out += ':';
  for (const std::byte byte : bytes.first(std::min(shown, bytes.size()))) {
    out += ' ';
    append_hex(out, static_cast<std::uint8_t>(byte));
  }
  if (bytes.size() > shown) out += " ...";
}

void append_value(std::string& out, Reader& reader, std::size_t limit) {
  switch (reader.peek()) {
    case Kind::nil:
      reader.nil();
      out += "null";
      return;
    case Kind::boolean:
      out += reader.boolean() ? "true" : "false";
      return;
    case Kind::integer:
      append_integer(out, reader.any_integer());
      return;
    case Kind::real:
      append_real(out, reader.real());
      return;
    case Kind::str:
      append_quoted(out, reader.str(), limit - std::min(limit, out.size()));
      return;
    case Kind::bin:
      out += "bin(";
      append_bytes(out, reader.bin());
      out += ')';
      return;
    case Kind::array:
      append_array(out, reader, limit);
      return;
    case Kind::map:
      append_map(out, reader, limit);
      return;
    case Kind::ext: {
      const Ext value = reader.ext();
      out += "ext(" + std::to_string(value.type) + ", ";
      append_bytes(out, value.bytes);
      out += ')';
      return;
    }
  }
}

}  // namespace vagus::wire::detail
