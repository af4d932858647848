/// The list of all rows.
#pragma once

#include <vector>

#include "rows/row.hpp"

namespace bench {

struct Catalogue {
  std::vector<Group> groups;
  std::vector<Probe> probes;

  /// Leaves only what belongs to the short run.
  void keep_quick();
  /// Leaves only the rows whose path has this in it, or matches it if it has wildcards.
  void keep_only(const std::string& pattern);
};

/// The bare limits by themselves, then all kinds of calls over all transports that there are.
Catalogue catalogue();

}  // namespace bench
