/// The body: the process that reads /proc, and serves what it finds.
#pragma once

#include <string>

namespace sysmon {

/// Serves at the URL until SIGINT or SIGTERM. Throws what keeps it from listening there.
void run_body(const std::string& url, bool allow_signal);

}  // namespace sysmon
