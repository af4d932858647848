/// Which processors the two ends of a row run on.
#pragma once

#include <vector>

namespace bench {

enum class Pin {
  split,  ///< one end on each of two processors
  one,    ///< both ends on the same one
  none    ///< where the kernel likes
};

const char* to_string(Pin pin) noexcept;

/// Processor numbers; -1: any.
struct Cores {
  int caller = -1;
  int server = -1;
};

/// For Pin::split the two are not threads of one core, if there are two such.
Cores cores_of(Pin pin);

/// The processors that this process was started on.
const std::vector<int>& processors();

/// Keeps the calling thread, and those that it makes from now on, on one processor; -1: on any.
void pin_to(int processor);

}  // namespace bench
