#pragma once

#include <sys/types.h>

#include <string>

#include "posix/file_descriptor.hpp"

namespace vagus::transport::local {

/// The right to own a path: flock() on a file beside it, `<path>.lock`. The destructor removes what was made
/// under it.
class PathLock {
 public:
  /// Holds nothing.
  PathLock() noexcept = default;
  /// Does not hold it if somebody else does. Throws if the lock file cannot be made.
  explicit PathLock(std::string path);
  PathLock(PathLock&& other) noexcept;
  PathLock& operator=(PathLock&& other) = delete;
  ~PathLock();

  bool held() const noexcept { return static_cast<bool>(file_); }
  /// The path exists now, and is ours to remove.
  void set_made() noexcept { made_ = true; }

 private:
  std::string path_;
  pid_t owner_ = 0;
  posix::FileDescriptor file_;
  bool made_ = false;
};

}  // namespace vagus::transport::local
