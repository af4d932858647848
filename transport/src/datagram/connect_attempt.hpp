#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <vagus/core/bytes.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>

#include "common/call_gate.hpp"
#include "datagram/conversation.hpp"
#include "datagram/options.hpp"
#include "datagram/port.hpp"

namespace vagus::transport::datagram {

/// One attempt to connect to one host: says hello, again and again with growing pauses, until it is answered,
/// refused or the deadline has passed. A host with several addresses is tried at each of them. Made by
/// make_shared; all functions are safe from any thread.
class ConnectAttempt : public std::enable_shared_from_this<ConnectAttempt> {
 public:
  /// `plain`: no hello is said, and whoever is there is taken for a plain peer.
  ConnectAttempt(const Url& url, const TransportContext& context, const Options& options,
                 const LinkTraits& traits, bool plain, Deadline deadline, ConnectHandler connected);

  /// On a thread of the loop.
  void run();
  /// Afterwards the handler is not running and is not called again.
  void cancel() noexcept;

 private:
  class Answers;
  using Outcome = Result<std::unique_ptr<Link>>;

  template <typename Step>
  void guarded(const Step& step);
  void find();
  void on_resolved(const boost::system::error_code& error,
                   const boost::asio::ip::udp::resolver::results_type& results);
  /// Goes on to the next address; if none is left, the attempt ends for this reason.
  void try_next(ErrorPtr why);
  /// Throws why there can be no link to this address.
  void call(const Address& address);
  void ask();
  /// Then on_pause_over() is called.
  void wait_until(Deadline end_of_pause) VAGUS_REQUIRES(mutex_);
  void on_pause_over();
  void on_answer(const Port* port, const Bytes& datagram);
  void on_refused(const Port* port);
  std::shared_ptr<Port> take_port(const Port* port);
  void make_link(const std::shared_ptr<Port>& port, Parties parties);
  void finish(Outcome outcome);

  const Url url_;
  const TransportContext context_;
  const Options options_;
  const LinkTraits& traits_;
  const bool plain_;
  const Deadline deadline_;
  const ConnectHandler connected_;
  const std::uint64_t link_;
  const Bytes question_;
  CallGate gate_;

  Mutex mutex_;
  boost::asio::ip::udp::resolver resolver_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer pause_over_ VAGUS_GUARDED_BY(mutex_);
  // Those that leave any hope; the one to be asked next is the first.
  std::vector<Address> addresses_ VAGUS_GUARDED_BY(mutex_);
  Address address_ VAGUS_GUARDED_BY(mutex_);             // that is asked now
  std::shared_ptr<Port> port_ VAGUS_GUARDED_BY(mutex_);  // likewise
  TimePoint asked_first_ VAGUS_GUARDED_BY(mutex_){};
  Duration pause_ VAGUS_GUARDED_BY(mutex_){};
  Deadline end_of_pause_ VAGUS_GUARDED_BY(mutex_);
  bool done_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport::datagram
