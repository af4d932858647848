#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>

#include "common/call_gate.hpp"
#include "stream/dialer.hpp"
#include "stream/handshake.hpp"
#include "stream/stream_kind.hpp"
#include "stream/stream_options.hpp"

namespace vagus::transport::stream {

/// One attempt to connect, from the name to the link: all addresses of the name in turn until one takes the
/// connection, then the hello. Made by make_shared; all functions are safe from any thread.
class StreamConnecting : public std::enable_shared_from_this<StreamConnecting> {
 public:
  struct Parts {
    std::unique_ptr<Dialer> dialer;
    std::unique_ptr<const StreamKind> kind;
    StreamOptions options;
    Greeting greeting = Greeting::call;
  };

  StreamConnecting(Parts parts, const TransportContext& context, Deadline deadline, ConnectHandler connected);

  /// On a thread of the loop.
  void run();
  /// Afterwards the handler is not running and is not called again.
  void cancel() noexcept;

 private:
  using Outcome = Result<std::unique_ptr<Link>>;

  void on_found(std::uint64_t round, Result<std::vector<SocketTarget>> targets);
  /// Goes on with the next address, or ends with the errors of all.
  void try_next();
  /// True: what comes next is under way; false: this address is no good.
  bool begin(const SocketTarget& target);
  std::uint64_t begin_wait(Deadline until) VAGUS_REQUIRES(mutex_);
  void start_timer() VAGUS_REQUIRES(mutex_);
  bool end_wait(std::uint64_t round) VAGUS_REQUIRES(mutex_);
  void await_connection(posix::FileDescriptor socket);
  void on_connected(std::uint64_t round);
  void on_too_slow(std::uint64_t round);
  void retry_later();
  bool refused(ErrorCode code, const std::string& why);
  bool refused(int error_number);
  void greet(posix::FileDescriptor socket, std::shared_ptr<LoopWatch> watch);
  void on_greeted(Handshake::Outcome outcome);
  void finish(Outcome outcome);
  Deadline share() const;
  template <typename Step>
  void guarded(const Step& step);

  const Parts parts_;
  const TransportContext context_;
  const Deadline deadline_;
  const ConnectHandler connected_;
  CallGate gate_;

  // One after the other, by the steps of the attempt.
  std::vector<SocketTarget> targets_;
  std::size_t next_ = 0;
  std::string refusals_;
  ErrorCode refusal_ = ErrorCode::transport_disconnected;  // the last one

  Mutex mutex_;
  posix::FileDescriptor socket_ VAGUS_GUARDED_BY(mutex_);  // that is being connected
  std::shared_ptr<LoopWatch> watch_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer timer_ VAGUS_GUARDED_BY(mutex_);
  std::shared_ptr<Handshake> handshake_ VAGUS_GUARDED_BY(mutex_);
  std::uint64_t round_ VAGUS_GUARDED_BY(mutex_) = 0;  // which wait for a name or a connection counts
  Deadline wait_until_ VAGUS_GUARDED_BY(mutex_);
  bool cancelled_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport::stream
