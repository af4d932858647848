#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include <vagus/core/mutex.hpp>
#include <vagus/transport/process_exit.hpp>

#include "posix/file_descriptor.hpp"
#include "shm/peer_fate.hpp"
#include "supervised/launch.hpp"

namespace vagus::transport::supervised {

/// One process of a body, from its start to its end, and what became of it. Safe from any thread.
class BodyProcess final : public shm::PeerFate {
 public:
  /// Starts it, as launch() does.
  explicit BodyProcess(const LaunchPlan& plan) : BodyProcess(launch(plan)) {}

  pid_t id() const noexcept { return id_; }

  /// Returns when it has ended, and nothing is left of it. `not_started` if it never came to run its program.
  /// To be called once.
  ProcessExit wait();
  /// Nothing happens once it has ended.
  void signal(int number) noexcept;

  /// A new socket to it, whose other end is on the way; empty if it takes none now.
  posix::FileDescriptor open_socket();
  /// How it ended.
  std::string text() const override;

 private:
  explicit BodyProcess(Launched launched)
      : id_(launched.id), report_(std::move(launched.report)), channel_(std::move(launched.channel)) {}

  const pid_t id_;
  StartReport report_;  // used by wait()
  mutable Mutex mutex_;
  posix::FileDescriptor channel_ VAGUS_GUARDED_BY(mutex_);
  std::optional<ProcessExit> exit_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::transport::supervised
