/// What the user typed.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace pi {

enum class Role : std::uint8_t { body, head, job, help };

struct CommandLine {
  Role role = Role::help;
  std::string url;
  std::chrono::milliseconds pause = std::chrono::seconds(1);  ///< from the first round to the second
};

/// Its text says what was wrong.
class UsageError : public std::invalid_argument {
  using invalid_argument::invalid_argument;
};

extern const char* const usage;

/// Of the arguments without the program's name. Throws UsageError.
CommandLine parse_command_line(std::span<const char* const> arguments);

}  // namespace pi
