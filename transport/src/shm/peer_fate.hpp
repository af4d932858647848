#pragma once

#include <string>

namespace vagus::transport::shm {

/// How the process at the other end came to its end, where somebody knows: its socket does not tell.
class PeerFate {
 public:
  virtual ~PeerFate() = default;
  /// Such as "was killed by SIGSEGV"; empty as long as it is not known. Safe from any thread.
  virtual std::string text() const = 0;
};

}  // namespace vagus::transport::shm
