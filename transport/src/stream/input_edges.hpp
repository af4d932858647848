#pragma once

#include <cstdint>

#include <time.h>

#include "posix/file_descriptor.hpp"
#include "stream/trial.hpp"

namespace vagus::transport::stream {

/// Waits for what comes over a socket, or for a bell, edge by edge: cheaper than a poll, which has to enter
/// the thread with both and to take it out again, but two more descriptors for as long as it lives.
///
/// It also lets the thread be woken early. When the peer of a UNIX socket takes what it was sent, the system
/// tells that there is room to send again: some microseconds ahead of the answer, about as long as a
/// processor takes to wake up. A blocking read() has the same luck. Where the peer shares our processor, or
/// takes its time, the thread only wakes once more than it has to; then it asks for no such calls for a
/// while.
///
/// Threads: one at a time.
class InputEdges {
 public:
  /// False if the system does not have that, or no more descriptors: poll, then.
  bool open(int descriptor, int bell) noexcept;
  bool is_open() const noexcept { return static_cast<bool>(epoll_); }

  struct Ready {
    short events = 0;  ///< of the descriptor, without POLLOUT
    bool bell = false;
  };
  /// Sleeps until something has come since the descriptor was found empty, the bell rings, or so long; null:
  /// for ever. May return for nothing.
  Ready wait(const timespec* timeout) noexcept;

 private:
  bool enter(int operation, int descriptor, std::uint32_t events) noexcept;
  void judge(bool woken_in_vain) noexcept;

  posix::FileDescriptor epoll_;
  int descriptor_ = -1;
  bool early_ = false;  // asks to be woken early
  Trial trial_{8};      // of that
};

}  // namespace vagus::transport::stream
