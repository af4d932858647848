/// The figures of a process in columns.
#pragma once

#include <vagus/vagus.hpp>

#include "table.hpp"

namespace vagus::tools {

/// A root API a row.
Table queue_table(const ProcessStats& stats);
/// A link a row; with what went over it, or with `former`, which was read `seconds` ago, how much a second.
/// Empty if they were not told.
Table peer_table(const ProcessStats& stats, const ProcessStats* former, double seconds);
/// A method a row for what was handled, and one for what was called, since the measuring began.
Table method_table(const ProcessStats& stats);
/// The same since `former` was read, `seconds` ago, the most frequent first.
Table method_table(const ProcessStats& stats, const ProcessStats& former, double seconds);

}  // namespace vagus::tools
