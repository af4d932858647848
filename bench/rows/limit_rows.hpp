#pragma once

#include <string>

#include "limits/limits.hpp"
#include "rows/catalogue.hpp"

namespace bench {

/// The limits, each by itself.
void add_limit_rows(Catalogue& catalogue);

/// The ring with which rows of this mode are compared: `spin` and `adaptive` wait as they do, `block` by a
/// futex at once.
Pair limit_of(Pin pin, Waiting waiting, std::size_t payload = 0, const Pace& pace = {});

}  // namespace bench
