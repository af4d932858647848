#pragma once

#include <cstdint>
#include <span>

#include "load/contract.hpp"

namespace vagus::load {

/// The same numbers for the same seed, everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept { return mix(state_++); }
  /// Below `end`, which is not 0.
  std::uint64_t below(std::uint64_t end) noexcept { return next() % end; }
  std::uint64_t between(std::uint64_t first, std::uint64_t last) noexcept {
    return first + below(last - first + 1);
  }
  bool one_in(std::uint64_t count) noexcept { return below(count) == 0; }
  template <typename T, std::size_t Count>
  const T& one_of(const T (&choices)[Count]) noexcept {
    return choices[below(Count)];
  }

 private:
  std::uint64_t state_;
};

}  // namespace vagus::load
