#pragma once

#include <string>
#include <vector>

namespace vagus::soak {

/// What one process holds at one moment.
struct Sample {
  double seconds = 0;    ///< since the soak began
  double kibibytes = 0;  ///< of memory; what it shares counts by its share
  double allocated = 0;  ///< KiB of its heap that are in use, as it says itself
  double mappings = 0;   ///< pieces of its address space
  double descriptors = 0;
  double threads = 0;
};

/// Of a running process, but for `allocated`; throws std::runtime_error if the kernel does not say.
Sample take_sample(int process, double seconds);

/// By how much a quantity grows in a second: the median of the slopes between all pairs of samples, since
/// single ones are anything but normally distributed.
double slope_of(const std::vector<Sample>& samples, double Sample::*quantity);

}  // namespace vagus::soak
