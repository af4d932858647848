/// What a peer tells of a method that is to be called.
#pragma once

#include <string>

#include "connection.hpp"

namespace vagus::tools {

/// The method, out of what the peer has told of it. Throws UnknownNameError, which says what may have been
/// meant, and UsageError for an event.
MemberDescription known_method(Connection& connection, const Description& told, const std::string& method);

}  // namespace vagus::tools
