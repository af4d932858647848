#pragma once

#include <atomic>

#include <vagus/core/deadline.hpp>

#include "posix/file_descriptor.hpp"
#include "stream/input_edges.hpp"

namespace vagus::transport::stream {

/// Lets one thread at a time sleep until a descriptor is ready or somebody in this process calls it.
class DescriptorSleeper {
 public:
  /// Sleeps until the descriptor is ready for any of `events` (POLLIN, POLLOUT), was called since the last
  /// take_call(), or the deadline; what it is ready for, 0 for the others.
  short sleep(int descriptor, short events, Deadline deadline);
  /// The same for POLLIN, after the descriptor has been found empty. Always the same descriptor.
  short sleep_for_input(int descriptor, Deadline deadline);

  /// Ends the sleep under way, or else the next one before it begins. From any thread.
  void call() noexcept;
  bool called() const noexcept { return called_.load(std::memory_order_relaxed); }
  /// Takes note of a call, so that the next sleep is not ended by it.
  bool take_call() noexcept { return called() && called_.exchange(false, std::memory_order_seq_cst); }

 private:
  template <typename Wait>
  short sleep(Deadline deadline, const Wait& wait);
  short poll_both(int descriptor, short events, Deadline deadline) noexcept;
  void silence_bell() noexcept;

  // The sleeper says that it is about to sleep, then looks at the call; the caller says its call, then looks
  // whether there is a sleeper. One of the two sees the other, both seq_cst. A bell that is rung too late is
  // taken for none, since there is no call then.
  std::atomic<bool> called_{false};
  std::atomic<bool> asleep_{false};
  // Made when there is a first sleep: a link that only the event loop looks after needs none. Written before
  // asleep_ is set, and by the sleeper alone.
  posix::FileDescriptor bell_;
  InputEdges edges_;  // of the sleeper alone
  unsigned sleeps_for_input_ = 0;
};

}  // namespace vagus::transport::stream
