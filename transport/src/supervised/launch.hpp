#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "posix/file_descriptor.hpp"
#include "supervised/start_report.hpp"

namespace vagus::transport::supervised {

/// A program and how it is run.
struct LaunchPlan {
  std::vector<std::string> command;  ///< never empty
  std::string directory;             ///< empty: this process's
  std::map<std::string, std::string> environment;
};

/// A process that runs the program, and this side's end of the channel to it.
struct Launched {
  pid_t id;
  posix::FileDescriptor channel;
  StartReport report;  ///< in which a process that was held up may yet say that it does not
};

/// Starts it as a child of the calling *thread*: the kernel kills it when that thread ends, or the process.
/// Returns when the program runs, or when the process has not said for a second that it does not. Throws
/// TransportDisconnectedError or PermissionDeniedError that says why it does not.
Launched launch(const LaunchPlan& plan);

/// Where a program is, as execvp() would find it: in PATH, unless there is a `/` in its name. Throws
/// TransportDisconnectedError if it is not in PATH.
std::string find_program(const std::string& name);

}  // namespace vagus::transport::supervised
