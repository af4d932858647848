#pragma once

#include <functional>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/bytes.hpp>
#include <vagus/core/mutex.hpp>

#include "common/watched_descriptor.hpp"
#include "posix/datagram.hpp"

namespace vagus::transport::shm {

/// Waits for the first datagram on a new socket. Made by make_shared; all functions are safe from any thread.
class FirstDatagram : public std::enable_shared_from_this<FirstDatagram> {
 public:
  struct Outcome {
    enum class Status { received, timeout, ended };
    Status status = Status::ended;
    Bytes bytes;
    posix::Datagram datagram;      ///< its descriptors
    posix::FileDescriptor socket;  ///< given back
  };
  using Done = std::function<void(Outcome)>;

  /// Throws if the system refuses.
  FirstDatagram(EventLoop& loop, posix::FileDescriptor socket);

  /// `done` is called once on a thread of the loop, unless cancel() comes first.
  void start(Deadline deadline, Done done);
  /// Closes the socket. A call of `done` may be under way.
  void cancel() noexcept;

 private:
  void wait() VAGUS_REQUIRES(mutex_);
  void wait_for_deadline() VAGUS_REQUIRES(mutex_);
  void on_readable();
  void on_timeout();
  /// Takes `done`, for one caller only.
  Done finish() VAGUS_REQUIRES(mutex_);

  Mutex mutex_;
  WatchedDescriptor socket_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer timer_ VAGUS_GUARDED_BY(mutex_);
  Deadline deadline_ VAGUS_GUARDED_BY(mutex_);
  Done done_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::transport::shm
