#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scenario.hpp"

namespace vagus::model {

struct Outcome {
  Property broken = Property::none;
  std::size_t states = 0;
  double seconds = 0;
  std::vector<std::string> trace;  ///< the shortest way to where it is broken
};

/// Visits every state that the scenario can come to, breadth first. Breaks off at the first that breaks a
/// property by itself; else looks whether the end is within reach of each, by moves that are certain.
/// Throws std::length_error if there are more states than it is ready to hold.
Outcome explore(const Scenario& scenario);

}  // namespace vagus::model
