#include "base64.hpp"

#include <cstdint>

namespace vagus {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned bits_per_character = 6;
constexpr unsigned low_bits = 0x3f;

}  // namespace

std::string to_base64(std::span<const unsigned char> bytes) {
  std::string text;
  std::uint32_t waiting = 0;
  unsigned bits = 0;
  for (const unsigned char byte : bytes) {
    waiting = (waiting << 8 | byte) & 0xffffU;
    for (bits += 8; bits >= bits_per_character;) {
      bits -= bits_per_character;
      text += alphabet[waiting >> bits & low_bits];
    }
  }
  if (bits != 0) text += alphabet[waiting << (bits_per_character - bits) & low_bits];
  return text;
}

std::optional<std::vector<unsigned char>> from_base64(std::string_view text) {
  std::vector<unsigned char> bytes;
  std::uint32_t waiting = 0;
  unsigned bits = 0;
  for (const char character : text) {
    const std::size_t value = alphabet.find(character);
    if (value == std::string_view::npos) return std::nullopt;
    waiting = (waiting << bits_per_character | static_cast<std::uint32_t>(value)) & 0xffffU;
    bits += bits_per_character;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<unsigned char>(waiting >> bits & 0xff));
  }
  // What is left over is of no byte, and so has to be nothing.
  if (bits >= bits_per_character || (waiting & ((1U << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace vagus
