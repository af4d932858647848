#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>

#include "common/call_gate.hpp"
#include "common/link_count.hpp"
#include "common/watched_descriptor.hpp"
#include "ring/link_options.hpp"
#include "shm/first_datagram.hpp"
#include "shm/socket_source.hpp"

namespace vagus::transport::shm {

/// Takes the sockets that come to a descriptor and makes links of those that greet as they should. None of
/// them can hold up another: each has a few seconds for its hello, and of those that have not said theirs
/// there is a limited number. Made by make_shared; all functions are safe from any thread.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  /// `socket`: the descriptor that the source takes from. Throws if the system refuses.
  Acceptor(std::unique_ptr<const SocketSource> source, const TransportContext& context,
           const ring::LinkOptions& options, posix::FileDescriptor socket, LinkHandler accepted);

  void start();
  /// Afterwards the handler is not running and is not called again.
  void close() noexcept;

 private:
  using Waiting = std::shared_ptr<FirstDatagram>;

  void wait() VAGUS_REQUIRES(mutex_);
  void wait_after_pause() VAGUS_REQUIRES(mutex_);
  void on_connections();
  /// False: the source has ended.
  bool accept_some(std::vector<posix::FileDescriptor>& sockets) VAGUS_REQUIRES(mutex_);
  void greet(posix::FileDescriptor socket);
  void await_hello(posix::FileDescriptor socket, const Credentials& peer);
  void on_first_datagram(const Waiting& waiting, const Credentials& peer, FirstDatagram::Outcome outcome);
  void admit(FirstDatagram::Outcome outcome, const Credentials& peer);
  std::unique_ptr<Link> make_link_of(FirstDatagram::Outcome& outcome, const Credentials& peer);
  void turn_away(int socket, const Credentials& peer, const Error& why) noexcept;

  const std::unique_ptr<const SocketSource> source_;
  const TransportContext context_;
  const ring::LinkOptions options_;
  const LinkHandler accepted_;
  const std::shared_ptr<LinkCount> links_;
  CallGate gate_;

  Mutex mutex_;
  WatchedDescriptor socket_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer pause_ VAGUS_GUARDED_BY(mutex_);
  std::list<Waiting> waiting_ VAGUS_GUARDED_BY(mutex_);  // for a hello, the oldest first
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport::shm
