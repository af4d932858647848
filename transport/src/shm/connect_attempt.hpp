#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>

#include "common/call_gate.hpp"
#include "ring/link_options.hpp"
#include "shm/dialer.hpp"
#include "shm/first_datagram.hpp"
#include "shm/link_making.hpp"

namespace vagus::transport::shm {

/// One attempt to connect, from the socket to the link. Made by make_shared; all functions are safe from any
/// thread.
class ConnectAttempt : public std::enable_shared_from_this<ConnectAttempt> {
 public:
  ConnectAttempt(std::unique_ptr<Dialer> dialer, const TransportContext& context,
                 const ring::LinkOptions& options, Deadline deadline, ConnectHandler connected);

  /// On a thread of the loop.
  void run();
  /// Afterwards the handler is not running and is not called again.
  void cancel() noexcept;

 private:
  using Outcome = Result<std::unique_ptr<Link>>;

  void try_again_later();
  void greet(Dialled dialled);
  void on_first_datagram(FirstDatagram::Outcome outcome);
  std::string peer_text() const;
  std::unique_ptr<Link> make_link_of(FirstDatagram::Outcome& outcome);
  void finish(Outcome outcome);

  const std::unique_ptr<Dialer> dialer_;
  const TransportContext context_;
  const ring::LinkOptions options_;
  const Deadline deadline_;
  const ConnectHandler connected_;
  CallGate gate_;

  // One after the other, by the steps of the attempt.
  std::optional<OwnPart> own_;
  Credentials peer_;
  std::shared_ptr<const PeerFate> fate_;

  Mutex mutex_;
  boost::asio::steady_timer retry_ VAGUS_GUARDED_BY(mutex_);
  std::shared_ptr<FirstDatagram> waiting_ VAGUS_GUARDED_BY(mutex_);
  bool cancelled_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport::shm
