#pragma once

#include <optional>
#include <string>
#include <utility>

#include "posix/file_descriptor.hpp"

namespace vagus::transport::supervised {

/// The call that has kept a new process from running its program.
struct FailedCall {
  const char* name;
  std::string argument;
  int error;
};

/// What a new process says of why it does not run its program, through a pipe that ends when it does. Used by
/// one thread.
class StartReport {
 public:
  StartReport(posix::FileDescriptor pipe, std::string program, std::string directory)
      : pipe_(std::move(pipe)), program_(std::move(program)), directory_(std::move(directory)) {}

  /// Empty: the program runs, or nothing has been said within the time. It may be said later then, by a
  /// process that was held up, by a folder that is far away say.
  std::optional<FailedCall> read(int limit_ms);

 private:
  posix::FileDescriptor pipe_;  // none once it has ended
  const std::string program_;
  const std::string directory_;
};

}  // namespace vagus::transport::supervised
