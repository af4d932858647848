/// The head: the process that somebody looks at.
#pragma once

#include <optional>
#include <string>

#include "monitor.hpp"

namespace sysmon {

/// Connects to the body at the URL and shows what it says: as a board until `q` or a signal if there is a
/// terminal, else as one line a second, five of them unless told otherwise. The exit code of the program: 0,
/// or 128 and the signal if that ended the lines early. Throws vagus::ConnectionTimeoutError if no body is
/// there.
int run_head(const std::string& url, std::optional<int> seconds);
/// The same with more said of the body. `where`: what to show of that.
int run_head(const BodyToWatch& body, const std::string& where, std::optional<int> seconds);

/// The same with a body of its own, which other heads find at the URL, a second head in a process of its own,
/// and keys that harm the body. Without a terminal the body is killed once after the lines; the exit code is
/// 1 if that did not end as promised.
int run_demo(const std::string& url, std::optional<int> seconds, bool allow_signal);

}  // namespace sysmon
