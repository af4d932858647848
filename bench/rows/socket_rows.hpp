#pragma once

#include "rows/catalogue.hpp"

namespace bench {

/// Calls over sockets, beside a ping-pong over a bare one.
void add_socket_rows(Catalogue& catalogue);

}  // namespace bench
