/// Figures for people: `1.25 ms`, `3.4 MiB`, `2 h 5 min`.
#pragma once

#include <cstdint>
#include <string>

#include <vagus/vagus.hpp>

#include "json.hpp"

namespace vagus::tools {

/// A time that a call takes.
std::string short_time(Duration duration);
/// A time that a process runs.
std::string long_time(Duration duration);
std::string size_text(double bytes);
/// `1 call`, `3 calls`
std::string counted(std::uint64_t count, const char* what);
/// How often in a second.
std::string rate_text(double per_second);
/// `sysmon, process 4711, up 12 s, Vagus 0.1.0`
std::string title(const ProcessStats& stats);
/// `3 TransactionTimeout, 1 RemoteError`; empty if there were none.
std::string errors_text(const ErrorCounts& errors);

/// For programs, always the same form; times in microseconds.
Json to_json(const ProcessStats& stats);

}  // namespace vagus::tools
