/// The body: the process that reads /proc, and serves what it finds.
#pragma once

#include <string>

#include <vagus/vagus.hpp>

namespace sysmon {

/// Serves at the URL until SIGINT or SIGTERM. Throws what keeps it from listening there.
void run_body(const std::string& url, bool allow_signal);

/// How many handlers run at once, and so on; of the API `system` and of `lab`.
struct BodyOptions {
  vagus::ApiOptions system = {.workers = 2};  // up to two of its handlers run at once
  vagus::ApiOptions lab = {.workers = 4};
};

/// The same with an arbitrator that somebody else has made, and has not started.
void serve_until_signal(vagus::ApiArb& arb, const BodyOptions& options, bool allow_signal);

}  // namespace sysmon
