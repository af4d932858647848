#pragma once

#include "command_line.hpp"
#include "rows/catalogue.hpp"

namespace bench {

/// Measures, prints, compares and writes as was asked for. What the program is to return.
int run(const CommandLine& line, Catalogue catalogue, bool with_peers = false);

}  // namespace bench
