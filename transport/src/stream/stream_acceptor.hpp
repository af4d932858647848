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
#include "stream/farewell.hpp"
#include "stream/handshake.hpp"
#include "stream/stream_kind.hpp"
#include "stream/stream_options.hpp"

namespace vagus::transport::stream {

/// Takes the connections that come to a listening socket and makes links of those whose peers begin as they
/// should, with a hello or with a message of MessagePack-RPC. None of them can hold up another: each has a
/// few seconds for its first message, and of those that have not sent theirs there is a limited number. Made
/// by make_shared; all functions are safe from any thread.
class StreamAcceptor : public std::enable_shared_from_this<StreamAcceptor> {
 public:
  /// `url`: for messages. Throws if the system refuses.
  StreamAcceptor(std::string url, std::unique_ptr<const StreamKind> kind, const TransportContext& context,
                 const StreamOptions& options, posix::FileDescriptor socket, LinkHandler accepted);

  void start();
  /// Afterwards the handler is not running and is not called again.
  void close() noexcept;

 private:
  using Waiting = std::shared_ptr<Handshake>;

  void wait() VAGUS_REQUIRES(mutex_);
  void wait_after_pause() VAGUS_REQUIRES(mutex_);
  void on_connections();
  std::vector<posix::FileDescriptor> accept_some() VAGUS_REQUIRES(mutex_);
  void greet(posix::FileDescriptor socket);
  void await_hello(std::unique_ptr<ByteStream> stream);
  void on_greeted(const Waiting& waiting, Handshake::Outcome outcome);
  void admit(Handshake::Outcome outcome);
  void hand_out(std::unique_ptr<Link> link);
  void turn_away(Handshake::Outcome outcome, const Error& why);
  void see_off(Handshake::Outcome outcome);
  void log_turned_away(const std::string& peer, const char* why);

  const std::string url_;
  const std::unique_ptr<const StreamKind> kind_;
  const TransportContext context_;
  const StreamOptions options_;
  const LinkHandler accepted_;
  const std::shared_ptr<LinkCount> links_;
  CallGate gate_;

  Mutex mutex_;
  WatchedDescriptor socket_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer pause_ VAGUS_GUARDED_BY(mutex_);
  std::list<Waiting> waiting_ VAGUS_GUARDED_BY(mutex_);  // for a first message, the oldest first
  std::list<std::shared_ptr<Farewell>> leaving_ VAGUS_GUARDED_BY(mutex_);  // were turned away
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport::stream
