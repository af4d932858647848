/// What the user typed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

namespace sysmon {

enum class Role : std::uint8_t {
  demo,  ///< a head that starts its own body, and a second head
  body,
  head,
  second_head,  ///< what the demonstration starts
  help
};

struct CommandLine {
  Role role = Role::demo;
  std::string url;                  ///< of body and head
  std::string config = {};          ///< the file that says it instead
  std::optional<int> seconds = {};  ///< until the head ends by itself
  bool allow_signal = false;
};

/// Its text says what was wrong.
class UsageError : public std::invalid_argument {
  using invalid_argument::invalid_argument;
};

extern const char* const usage;

/// Of the arguments without the program's name. Throws UsageError.
CommandLine parse_command_line(std::span<const char* const> arguments);

}  // namespace sysmon
