/// The processes that the soak looks at. Each serves until its channel says `end`, then stops in order; it
/// says `fault TEXT` for whatever should not be.
#pragma once

#include <string>

namespace vagus::soak {

/// A body or a head that stays: under load, while APIs, handlers, subscriptions and, in the head, further
/// heads come and go. Returns the exit status of the process.
int run_resident(bool body, const std::string& url);

/// A head that calls until it is ended, or killed.
int run_visitor(const std::string& url);

}  // namespace vagus::soak
