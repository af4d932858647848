/// From what there is to measure to figures.
#pragma once

#include <vector>

#include "rows/row.hpp"

namespace bench {

struct Effort {
  int slices = 10;
  std::chrono::nanoseconds slice{200'000'000};
};

/// One row for each subject. What goes wrong is said in the rows.
std::vector<Row> measure(const Group& group, const Effort& effort);
Row measure(const Probe& probe, const Effort& effort);

}  // namespace bench
