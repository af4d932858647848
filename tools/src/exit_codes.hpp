/// How commands end, for scripts.
#pragma once

#include <stdexcept>

namespace vagus::tools {

enum class ExitCode : int {
  done = 0,
  failed = 1,         ///< the call was made, and failed; or its output could not be written
  usage = 2,          ///< the command line, or an argument, is wrong: nothing was called
  not_connected = 3,  ///< nobody is there, or the link was lost
  timed_out = 4,
  unknown = 5,  ///< nothing of this name is there
  denied = 6    ///< not logged in, or not allowed
};

/// What was asked for is wrong.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// It is not there.
class UnknownNameError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Says on the standard error why the exception that is being handled ended the command.
ExitCode report_exception();

}  // namespace vagus::tools
