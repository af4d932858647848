#pragma once

#include <vector>

#include "rows/row.hpp"

namespace bench {

/// What an open link costs while nothing is sent over it.
void add_link_probes(std::vector<Probe>& probes);

}  // namespace bench
