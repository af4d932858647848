#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace vagus::fuzz {

/// The bytes that a target was given, taken from the front. What is not there any more reads as zeros.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) noexcept
      : left_(reinterpret_cast<const std::byte*>(data), size) {}

  bool empty() const noexcept { return left_.empty(); }

  template <std::unsigned_integral Number>
  Number number() noexcept {
    Number value = 0;
    const std::span<const std::byte> taken = bytes(sizeof value);
    if (!taken.empty()) std::memcpy(&value, taken.data(), taken.size());
    return value;
  }
  std::uint8_t byte() noexcept { return number<std::uint8_t>(); }
  /// So many bytes, or as many as there are.
  std::span<const std::byte> bytes(std::size_t count) noexcept {
    const std::span<const std::byte> taken = left_.first(std::min(count, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  std::span<const std::byte> rest() noexcept { return bytes(left_.size()); }

 private:
  std::span<const std::byte> left_;
};

/// The whole input as text.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace vagus::fuzz
