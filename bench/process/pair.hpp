/// Two processes, one of which calls the other.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "process/child.hpp"
#include "process/cores.hpp"
#include "timing/slice.hpp"

namespace bench {

/// What the serving end has to say to whoever started it, and to hear.
class Server {
 public:
  explicit Server(Channel& channel) noexcept : channel_(channel) {}
  /// Callers may come.
  void ready() { channel_.send(Channel::Kind::ready); }
  /// Returns when it is to end.
  void wait_end() { channel_.receive(); }

 private:
  Channel& channel_;
};

/// How to start the two ends. A plain value.
struct Pair {
  Pin pin = Pin::none;
  /// Runs in a process of its own: says that it is ready, and then either waits for the end, or never
  /// returns. Empty: there is no serving end.
  std::function<void(Server&)> serve;
  Child::End server_end = Child::End::kill;
  /// Runs in a process of its own, once; what it returns runs the slices.
  std::function<SliceRunner()> caller;
};

/// The two ends, started; they run until this object goes, but for the time that they are halted.
class RunningPair {
 public:
  /// Returns when both are ready, which they have to be soon. Throws std::runtime_error, or what they threw.
  explicit RunningPair(const Pair& pair);
  ~RunningPair() { go_on(); }  // each end waits a while for the other to take leave
  RunningPair(const RunningPair&) = delete;
  RunningPair& operator=(const RunningPair&) = delete;

  SliceResult run_slice(std::chrono::nanoseconds budget);
  void halt();
  void go_on();

  /// Of both.
  double cpu_seconds() const;
  double proportional_memory() const;
  /// Of the serving end, which there has to be.
  double server_memory() const;

 private:
  std::optional<Child> server_;
  std::optional<Child> caller_;  // goes first
};

}  // namespace bench
