#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>

#include "common/watched_descriptor.hpp"

namespace vagus::transport::stream {

/// Has the event loop look after a descriptor, but only when it is asked to, once each time.
///
/// A descriptor that Asio itself watches wakes a thread of the loop with everything that comes, also while
/// another thread waits on that descriptor and reads by itself. So Asio watches an epoll descriptor in which
/// the other one stands, and stands armed only when somebody wants to be called. Made by make_shared; all
/// functions are safe from any thread.
class LoopWatch : public std::enable_shared_from_this<LoopWatch> {
 public:
  /// Hears of what the descriptor is ready for, as EPOLLIN and so on; on a thread of the loop, no lock held.
  /// One call may overlap the one before.
  using OnReady = std::function<void(std::uint32_t)>;

  /// The descriptor outlives close(), or this object. Throws if the system refuses.
  LoopWatch(EventLoop& loop, int descriptor);

  /// Whom to call from now on; the former one may be under way still.
  void start(OnReady on_ready);
  /// One call when the descriptor is ready for any of these, has failed or has ended in both directions. In
  /// the place of what was asked for before.
  void ask(std::uint32_t events) noexcept;
  /// Nothing is called any more, but for what is under way. The destructor does the same.
  void close() noexcept;

 private:
  void wait() VAGUS_REQUIRES(mutex_);
  void on_epoll_readable();

  const int descriptor_;
  Mutex mutex_;
  WatchedDescriptor epoll_ VAGUS_GUARDED_BY(mutex_);
  std::shared_ptr<const OnReady> on_ready_ VAGUS_GUARDED_BY(mutex_);
  bool waiting_ VAGUS_GUARDED_BY(mutex_) = false;
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport::stream
