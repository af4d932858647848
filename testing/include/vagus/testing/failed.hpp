/// What a test throws that has found something wrong.
#pragma once

#include <stdexcept>

namespace vagus::testing {

/// Its text is meant to be read in the output of a failed test: what was expected, and what came.
class Failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace vagus::testing
