/// The body as a child of this process.
#pragma once

#include <sys/types.h>

#include <string>

#include "file_descriptor.hpp"

namespace sysmon {

/// Runs `sysmon body URL` from the program's own file. It ends with this object, and with this process
/// however that ends. To be made before any thread: the child begins as a copy of this process with one
/// thread only.
class BodyProcess {
 public:
  BodyProcess(const std::string& url, bool allow_signal);
  /// Asks it to end, waits, and insists if it takes too long.
  ~BodyProcess();
  BodyProcess(const BodyProcess&) = delete;
  BodyProcess& operator=(const BodyProcess&) = delete;

  /// What it has written to its standard error, which would spoil the board.
  std::string last_words() const;

 private:
  bool ended() const noexcept;

  FileDescriptor words_;
  pid_t id_;
};

}  // namespace sysmon
