/// The table for people.
#pragma once

#include "rows/row.hpp"

namespace bench {

/// `with_peers`: one more column.
void print_table_head(bool with_peers);
void print(const Row& row, bool with_peers);

}  // namespace bench
