#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

// What a target defines: it is called with one input after the other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vagus::fuzz {

/// Ends the program if what has to hold does not: that is how an input is found.
inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "this does not hold: %s\n", what);
  std::abort();
}

}  // namespace vagus::fuzz
