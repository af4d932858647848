/// How a process came to its end.
#pragma once

#include <cstdint>
#include <string>

namespace vagus {

/// The end of a process, or of the attempt to start one. A plain value.
struct ProcessExit {
  enum class How : std::uint8_t {
    exited,       ///< it returned from main() or called exit(): `code`
    killed,       ///< by a signal: `signal`
    not_started,  ///< the program could not be run at all: `why`
    unknown       ///< it ended, and the system did not tell how: `why`
  };
  How how = How::exited;
  int code = 0;
  int signal = 0;
  bool core_dumped = false;
  std::string why;

  /// All but an exit with the code 0.
  bool failed() const noexcept { return how != How::exited || code != 0; }
  /// What can stand after its name: "exited with 3", "was killed by SIGSEGV (core dumped)", "could not be
  /// started: execve(/usr/bin/mill): Permission denied".
  std::string to_string() const;
};

}  // namespace vagus
