/// Body and head with what a file says: `--config FILE`.
#pragma once

#include <optional>
#include <string>

namespace sysmon {

/// As run_body() and run_head(), with links, options and permissions of the file. Throw
/// vagus::ConfigurationError with what is wrong in it.
void run_configured_body(const std::string& file, bool allow_signal);
int run_configured_head(const std::string& file, std::optional<int> seconds);

}  // namespace sysmon
