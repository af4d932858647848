#pragma once

#include <cstdint>
#include <stdexcept>

namespace vagus::chaos {

struct CommandLine {
  std::uint64_t rounds = 200;
  std::uint64_t first = 0;
  std::uint64_t repeat = 1;
  std::uint64_t seed = 0;  ///< a random one, unless given
  bool hold = false;
  bool help = false;
};

extern const char* const usage;

class CommandLineError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Throws CommandLineError for what is not understood.
CommandLine parse_command_line(int argc, char** argv);

}  // namespace vagus::chaos
