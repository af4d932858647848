#pragma once

#include <string>

namespace vagus::testing {

/// A socket file that nobody listens at, as a process leaves it behind that was killed.
class LeftSocket {
 public:
  LeftSocket(std::string path, bool with_lock_file);
  ~LeftSocket();
  LeftSocket(const LeftSocket&) = delete;
  LeftSocket& operator=(const LeftSocket&) = delete;

  const std::string& path() const noexcept { return path_; }

 private:
  const std::string path_;
};

}  // namespace vagus::testing
