#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>

#include "common/call_gate.hpp"
#include "datagram/options.hpp"
#include "datagram/port.hpp"

namespace vagus::transport::multicast {

/// What `multicast://group:port?ttl=&interface=` says.
struct Group {
  datagram::Address address;     ///< of the group, and the port that its members listen to
  int ttl = 1;                   ///< how many networks a question goes through: 1 is this one, 0 this machine
  unsigned interface_index = 0;  ///< 0: which the system chooses
  boost::asio::ip::address interface_address;  ///< where its own datagrams come from; any address if not said
  bool only_this_machine = false;              ///< the interface is the loopback one
  datagram::Options options;
};

/// Throws ApiParamError.
Group parse_group(const Url& url);

/// A socket for what is said to one peer, at a port of its own; what is sent to the group goes out as the
/// group says. Throws TransportDisconnectedError if the system refuses.
datagram::Socket make_own_socket(const Group& group);

/// Hears what is said to the group, and gives it to a port as if it had come there. Made by make_shared.
class Membership : public std::enable_shared_from_this<Membership> {
 public:
  /// Several sockets of this machine may hear the same group. Throws TransportDisconnectedError that says
  /// why the group cannot be joined.
  Membership(const Group& group, const std::string& text, std::shared_ptr<datagram::Port> port);

  void start();
  /// Leaves the group; afterwards nothing is given any more.
  void leave() noexcept;

 private:
  void hear() VAGUS_REQUIRES(mutex_);

  const std::shared_ptr<datagram::Port> port_;
  CallGate gate_;
  Mutex mutex_;
  boost::asio::ip::udp::socket socket_ VAGUS_GUARDED_BY(mutex_);
  // Written by the one receive that is under way.
  std::vector<std::byte> buffer_;
  datagram::Address from_;
};

}  // namespace vagus::transport::multicast
