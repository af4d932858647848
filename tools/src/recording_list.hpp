/// Recordings for people, and for programs as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace vagus::tools {

/// Prints what is in the file, a line for each entry; `-` is the standard input. Throws UsageError as
/// RecordingReader does.
void list_recording(const std::string& file, bool json);

/// Says on the standard error that the file ends in the midst of an entry, if it does.
void tell_if_cut(const std::string& file, const std::optional<std::uint64_t>& cut_at);

}  // namespace vagus::tools
