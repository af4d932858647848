/// How the examples check themselves: the first wrong answer ends the program with 1.
#pragma once

#include <cstdlib>
#include <iostream>

#define EXPECT(condition)                                                            \
  do {                                                                               \
    if (!(condition)) {                                                              \
      std::cerr << __FILE__ << ':' << __LINE__ << ": wrong: " << #condition << '\n'; \
      std::_Exit(1);                                                                 \
    }                                                                                \
  } while (false)

/// Does the function throw just that, or something derived from it?
template <typename Error, typename Function>
bool throws(Function&& function) {
  try {
    function();
  } catch (const Error&) {
    return true;
  }
  return false;
}
