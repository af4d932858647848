#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/configuration/configuration.hpp>

namespace vagus::testing {

/// What the ConfigurationError says that a function throws; empty if it throws nothing.
template <typename Function>
std::string fault_of(Function&& function) {
  try {
    function();
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "";
}

/// All that is said of a text; empty if it is right.
inline std::string faults(const std::string& text) {
  return fault_of([&] { static_cast<void>(Configuration::from_text(text, "mill.toml")); });
}

struct Wrong {
  std::string text;
  std::string fault;  ///< without the file
};

inline void expect_faults(const std::vector<Wrong>& all) {
  for (const Wrong& wrong : all) EXPECT_EQ(faults(wrong.text), "mill.toml:" + wrong.fault) << wrong.text;
}

}  // namespace vagus::testing
