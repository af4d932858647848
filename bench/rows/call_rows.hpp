#pragma once

#include "rows/catalogue.hpp"

namespace bench {

/// Whole calls and events.
void add_call_rows(Catalogue& catalogue);

}  // namespace bench
