#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/deadline.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>

#include "common/watched_descriptor.hpp"
#include "posix/datagram.hpp"
#include "posix/file_descriptor.hpp"
#include "ring/lifeline.hpp"
#include "shm/peer_fate.hpp"

namespace vagus::transport::shm {

/// The descriptors of a link.
struct LifelineDescriptors {
  posix::FileDescriptor socket;     ///< its end is the peer's end
  posix::FileDescriptor bell;       ///< the peer rings us here: the reading end of our pipe
  posix::FileDescriptor peer_bell;  ///< we ring the peer here
};

/// The lifeline of a link between processes: a socket whose end tells of the peer's, whatever ended it, and a
/// pipe each way that rings the event loop.
///
/// Pipes, since neither an eventfd nor a datagram serves. The flags of an eventfd are shared by all who hold
/// it: a peer could take O_NONBLOCK away, fill the counter, and our writing would wait for it. A pipe can be
/// opened anew, with flags of our own. Datagrams need no flags, but wake about 2 microseconds later.
class SocketLifeline final : public ring::Lifeline, public std::enable_shared_from_this<SocketLifeline> {
 public:
  /// Made by make_shared. `peer`: for messages. `fate`: null if nobody knows it. Throws if the system
  /// refuses.
  SocketLifeline(EventLoop& loop, Log& log, LifelineDescriptors descriptors, std::string peer,
                 std::shared_ptr<const PeerFate> fate = nullptr);

  void start(std::weak_ptr<ring::LifelineObserver> observer) override;
  void ring(ring::Bell bell) noexcept override;
  void close() noexcept override;

 private:
  void wait_for_bell() VAGUS_REQUIRES(mutex_);
  void wait_for_socket() VAGUS_REQUIRES(mutex_);
  void on_bell_readable();
  void on_socket_readable();
  /// Why the link is over, if it is; what came, if anything has.
  ErrorPtr read_socket(posix::Datagram& datagram) VAGUS_REQUIRES(mutex_);
  /// The same once the socket has ended; empty as long as its peer's fate may still become known.
  ErrorPtr read_fate() const VAGUS_REQUIRES(mutex_);
  void wait_for_fate() VAGUS_REQUIRES(mutex_);
  void on_fate_due();

  Log& log_;
  const std::string peer_;
  const std::shared_ptr<const PeerFate> fate_;
  const pid_t owner_;

  Mutex mutex_;
  std::weak_ptr<ring::LifelineObserver> observer_ VAGUS_GUARDED_BY(mutex_);
  WatchedDescriptor socket_ VAGUS_GUARDED_BY(mutex_);
  WatchedDescriptor bell_ VAGUS_GUARDED_BY(mutex_);
  posix::FileDescriptor peer_bell_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer fate_timer_ VAGUS_GUARDED_BY(mutex_);
  Deadline fate_deadline_ VAGUS_GUARDED_BY(mutex_);  // never: the socket has not ended yet
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport::shm
