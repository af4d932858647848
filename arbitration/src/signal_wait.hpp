#pragma once

#include <functional>

namespace vagus {

/// Calls `signalled` once, on a thread of its own, at the first SIGINT or SIGTERM; puts the former signal
/// handlers back when it is destroyed. One at a time in a process; throws std::logic_error otherwise.
class SignalWait {
 public:
  explicit SignalWait(std::function<void()> signalled);
  ~SignalWait();
  SignalWait(const SignalWait&) = delete;
  SignalWait& operator=(const SignalWait&) = delete;

 private:
  class Impl;
  Impl* const impl_;
};

}  // namespace vagus
