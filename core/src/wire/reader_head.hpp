/// The first bytes of a MessagePack value, understood.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <vagus/wire/reader.hpp>

namespace vagus::wire {

/// Says what a value is and how far it reaches. That its own bytes are there is checked; what is inside an
/// array or a map is not, but that there is a byte at least for each of its values.
struct Reader::Head {
  Kind kind;
  std::uint8_t header;       // bytes of the lead, the length and the type
  std::size_t payload = 0;   // bytes behind the header; 0 for an array or a map
  std::size_t elements = 0;  // of an array; entries of a map

  std::size_t size() const noexcept { return header + payload; }
  /// Values inside: a map has two for each entry.
  std::size_t children() const noexcept { return kind == Kind::map ? 2 * elements : elements; }
};

namespace detail {

/// What the first byte of a value tells.
struct Lead {
  Kind kind = Kind::nil;
  std::uint8_t header = 0;  // bytes up to the payload or the first element; 0: no value begins like this
  std::uint8_t length_width = 0;  // bytes of the length behind the first; 0: there is none
  std::uint8_t length = 0;        // bytes of payload, elements or entries, where length_width is 0

  constexpr bool is_container() const noexcept { return kind == Kind::array || kind == Kind::map; }
};

constexpr Lead lead_of(std::uint8_t byte) {
  const auto low = [byte](unsigned mask) { return static_cast<std::uint8_t>(byte & mask); };
  if (byte < 0x80 || byte >= 0xe0) return {Kind::integer, 1, 0, 0};
  if (byte < 0x90) return {Kind::map, 1, 0, low(0x0f)};
  if (byte < 0xa0) return {Kind::array, 1, 0, low(0x0f)};
  if (byte < 0xc0) return {Kind::str, 1, 0, low(0x1f)};
  switch (byte) {
    case 0xc0:
      return {Kind::nil, 1, 0, 0};
    case 0xc1:
      return {};
    case 0xc2:
      return {Kind::boolean, 1, 0, 0};
    case 0xc3:
      return {Kind::boolean, 1, 0, 0};
    case 0xc4:
      return {Kind::bin, 2, 1, 0};
    case 0xc5:
      return {Kind::bin, 3, 2, 0};
    case 0xc6:
      return {Kind::bin, 5, 4, 0};
    case 0xc7:
      return {Kind::ext, 3, 1, 0};
    case 0xc8:
      return {Kind::ext, 4, 2, 0};
    case 0xc9:
      return {Kind::ext, 6, 4, 0};
    case 0xca:
      return {Kind::real, 1, 0, 4};
    case 0xcb:
      return {Kind::real, 1, 0, 8};
    case 0xcc:
      return {Kind::integer, 1, 0, 1};
    case 0xcd:
      return {Kind::integer, 1, 0, 2};
    case 0xce:
      return {Kind::integer, 1, 0, 4};
    case 0xcf:
      return {Kind::integer, 1, 0, 8};
    case 0xd0:
      return {Kind::integer, 1, 0, 1};
    case 0xd1:
      return {Kind::integer, 1, 0, 2};
    case 0xd2:
      return {Kind::integer, 1, 0, 4};
    case 0xd3:
      return {Kind::integer, 1, 0, 8};
    case 0xd4:
      return {Kind::ext, 2, 0, 1};
    case 0xd5:
      return {Kind::ext, 2, 0, 2};
    case 0xd6:
      return {Kind::ext, 2, 0, 4};
    case 0xd7:
      return {Kind::ext, 2, 0, 8};
    case 0xd8:
      return {Kind::ext, 2, 0, 16};
    case 0xd9:
      return {Kind::str, 2, 1, 0};
    case 0xda:
      return {Kind::str, 3, 2, 0};
    case 0xdb:
      return {Kind::str, 5, 4, 0};
    case 0xdc:
      return {Kind::array, 3, 2, 0};
    case 0xdd:
      return {Kind::array, 5, 4, 0};
    case 0xde:
      return {Kind::map, 3, 2, 0};
    case 0xdf:
      return {Kind::map, 5, 4, 0};
    default:
      return {};
  }
}

inline constexpr std::array<Lead, 256> leads = [] {
  std::array<Lead, 256> table;
  for (std::size_t byte = 0; byte < table.size(); ++byte)
    table[byte] = lead_of(static_cast<std::uint8_t>(byte));
  return table;
}();

/// How many bytes a value takes that begins with this one, where that alone tells; else 0.
inline constexpr std::array<std::uint8_t, 256> plain_sizes = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const Lead& lead = leads[byte];
    if (lead.length_width == 0 && !lead.is_container())
      table[byte] = static_cast<std::uint8_t>(lead.header + lead.length);
  }
  return table;
}();

}  // namespace detail
}  // namespace vagus::wire
