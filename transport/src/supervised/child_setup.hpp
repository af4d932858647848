#pragma once

#include <sys/types.h>

#include <cstdint>

namespace vagus::transport::supervised {

/// What a new process does between fork() and execve(): nothing that is not safe in a copy of a process with
/// many threads, where any lock may be held for ever, that of malloc() too. So it calls the kernel only, and
/// what it needs has been made before.
struct ChildSetup {
  enum class Step : std::uint8_t { input, directory, link, program };
  /// What it reports if it does not come to run the program.
  struct Failure {
    Step step;
    int error;
  };

  pid_t parent;
  int channel;            ///< the only descriptor that it keeps besides the standard ones
  int report;             ///< the writing end of a pipe; closed by execve()
  const char* directory;  ///< null: stays where it is

  void run() const noexcept;
  /// Reports, and ends the process.
  [[noreturn]] void fail(Step step, int error) const noexcept;
};

}  // namespace vagus::transport::supervised
