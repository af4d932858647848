/// The process that serves.
#pragma once

#include <string>

namespace pi {

/// Serves a PiApi at the URL until SIGINT or SIGTERM.
void run_body(const std::string& url);

}  // namespace pi
