/// When a command ends that goes on until somebody says so.
#pragma once

#include <csignal>
#include <exception>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/registration.hpp>

#include "connection.hpp"

namespace vagus::tools {

/// It comes at SIGINT or SIGTERM, or when the program says so, with a reason if it is a bad one; then it
/// stays. One at a time in a process. All functions are safe from any thread.
class End {
 public:
  /// From now on these signals mean this.
  End();
  /// They mean what they did before.
  ~End();
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  void come(const std::exception_ptr& reason = nullptr);
  /// Waits for it, at most until then; true if it has come.
  bool await(const Deadline& until = Deadline::never()) const;
  bool has_come() const { return await(Deadline(TimePoint::min())); }
  /// Throws the first reason, if there is one.
  void raise() const;

 private:
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
  mutable Mutex mutex_;
  std::exception_ptr reason_ VAGUS_GUARDED_BY(mutex_);
};

/// The reason for an end: the link of the command was lost. `why` may be null.
std::exception_ptr link_lost(const Connection& connection, const ErrorPtr& why);

/// It comes, with this reason, when the link of the command is lost, or is lost already; as long as the
/// registration lives.
[[nodiscard]] Registration end_when_lost(Connection& connection, End& end);

}  // namespace vagus::tools
