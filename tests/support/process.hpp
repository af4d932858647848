#pragma once

#include <sys/types.h>

#include <csignal>
#include <functional>

namespace vagus::testing {

/// A function that runs in a child process of this one, for tests of what happens between processes. The
/// child ends with the function, or with the test program.
///
/// To be made before the test starts a thread: the child has only the thread that made it, and the sanitizers
/// let a child of many threads start none.
class Process {
 public:
  /// The child exits with 0 when `run` returns; with 1, after a message, when it throws or a check of
  /// GoogleTest has failed in it.
  explicit Process(const std::function<void()>& run);
  /// Kills it, if it has not been waited for.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const noexcept { return id_; }

  void signal(int number) const;
  /// SIGSTOP; returns when it has stopped.
  void halt() const;
  /// Returns when it has exited: its exit status, or minus the number of the signal that killed it; the same
  /// again.
  int wait();
  void kill() const { signal(SIGKILL); }

 private:
  pid_t id_;
  bool waited_for_ = false;
  int status_ = 0;
};

/// A line both ways between two processes, made before Process is: one waits until the other says so.
class Signpost {
 public:
  Signpost();
  ~Signpost();
  Signpost(const Signpost&) = delete;
  Signpost& operator=(const Signpost&) = delete;

  /// Lets one wait() go on, now or later, in any process.
  void raise() const;
  /// Throws if nobody raises it within half a minute.
  void wait() const;

 private:
  int read_end_ = -1;
  int write_end_ = -1;
};

}  // namespace vagus::testing
