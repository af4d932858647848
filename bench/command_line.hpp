#pragma once

#include <optional>
#include <string>

namespace bench {

/// What was asked for. Empty texts: not.
struct CommandLine {
  bool quick = false;
  bool list = false;
  std::string only;    ///< a part of the paths of rows, or a pattern for them
  std::string json;    ///< a file to write
  std::string check;   ///< a file with ratios to compare with
  std::string record;  ///< a file with ratios to write

  /// Nothing if there is nothing to do any more: `code` is what the program is to return then.
  static std::optional<CommandLine> parse(int argc, char** argv, int& code);
};

}  // namespace bench
