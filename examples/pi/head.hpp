/// The process that asks.
#pragma once

#include <chrono>
#include <string>

namespace pi {

/// Asks the body at the URL for 5 to 1 000 000 digits, all at once over one link, and so long later once
/// more. Prints the times, on a terminal also how far each call is. The exit code: 0 if all were answered.
int run_head(const std::string& url, std::chrono::milliseconds pause);

}  // namespace pi
