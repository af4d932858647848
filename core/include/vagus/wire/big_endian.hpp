/// Numbers as they stand in a message: the most significant byte first.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace vagus::wire::detail {

template <std::unsigned_integral U>
constexpr U big_endian(U value) noexcept {
  if constexpr (std::endian::native == std::endian::big || sizeof(U) == 1) {
    return value;
  } else if constexpr (sizeof(U) == 2) {
    return __builtin_bswap16(value);
  } else if constexpr (sizeof(U) == 4) {
    return __builtin_bswap32(value);
  } else {
    static_assert(sizeof(U) == 8);
    return __builtin_bswap64(value);
  }
}

template <std::unsigned_integral U>
void store(std::byte* at, U value) noexcept {
  value = big_endian(value);
  std::memcpy(at, &value, sizeof value);
}

template <std::unsigned_integral U>
U load(const std::byte* at) noexcept {
  U value;
  std::memcpy(&value, at, sizeof value);
  return big_endian(value);
}

}  // namespace vagus::wire::detail
