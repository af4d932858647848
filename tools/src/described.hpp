/// What a peer tells of what a user names.
#pragma once

#include <string>

#include "connection.hpp"

namespace vagus::tools {

/// As a pattern: a namespace stands for all that is in it, any other name for itself. As it is, if the peer
/// does not tell what there is.
std::string pattern_for(Connection& connection, const std::string& name);

/// What matches pattern_for(). Throws UnknownNameError, which says what may have been meant, if that is
/// nothing, but for `**`: there may be nothing at all.
Description described(Connection& connection, const std::string& name);

}  // namespace vagus::tools
