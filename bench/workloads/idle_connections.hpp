/// Many heads that have called once and say nothing more.
#pragma once

#include <string>

#include "process/pair.hpp"

namespace bench {

/// A body at this URL of TCP; each slice that its caller runs opens so many connections, and each of those
/// makes one call. They are plain sockets that speak the wire, so that the figures are those of the body.
Pair body_and_connections(const std::string& url, unsigned connections);

/// So many descriptors may be open in this process, and in those that it makes from now on. Throws
/// std::runtime_error if the system allows fewer.
void allow_descriptors(unsigned long number);

}  // namespace bench
