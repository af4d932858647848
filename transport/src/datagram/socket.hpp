#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <boost/asio/ip/udp.hpp>

#include "posix/file_descriptor.hpp"

namespace vagus::transport::datagram {

/// Where a peer is. Two are equal if they are the same place, whatever their `local` is.
class Address : public boost::asio::ip::udp::endpoint {
 public:
  using endpoint = boost::asio::ip::udp::endpoint;
  using endpoint::endpoint;
  Address() = default;
  Address(const endpoint& place) : endpoint(place) {}

  /// To which of this machine's addresses the peer sends, which takes nothing from another; unspecified:
  /// there is one only, or it does not matter.
  boost::asio::ip::address local;
};

/// "127.0.0.1:4000", "[::1]:4000"
std::string to_string(const Address& address);

/// A UDP socket that never blocks. Asio waits for it and sets its options; what it receives and sends goes
/// through the system calls that also tell of ICMP and of whom it was about. Threads: any, of each kind of
/// call one at a time.
class Socket {
 public:
  /// Throws if the system refuses.
  explicit Socket(const boost::asio::ip::udp& family);

  int get() const noexcept { return fd_.get(); }
  bool connected() const noexcept { return connected_; }

  /// Throws TransportDisconnectedError that says that the address is taken, or why the system refuses. At an
  /// unspecified address, what is received tells to which one it was sent.
  void bind(const Address& address);
  /// From now on it sends to this address, and receives from no other.
  void connect(const Address& address);
  Address local() const;

  enum class Status : std::uint8_t {
    done,
    nothing,  ///< nothing to receive, no room to send: later
    refused,  ///< the other side's system said that nobody is there: see `Received::from`
    failed,   ///< see error
  };
  struct Received {
    Status status = Status::nothing;
    std::size_t size = 0;  ///< of the datagram; more than there was room for if it was cut off
    Address from;          ///< of whom `refused` is, too
    int error = 0;
  };

  Received receive(std::span<std::byte> into) noexcept;
  /// What the system has to say of datagrams that were sent: `refused` or `failed`, else `nothing`. To be
  /// called until that.
  Received take_error() noexcept;

  struct Sent {
    Status status = Status::done;
    int error = 0;
  };
  /// `to` does not matter when it is connected. Errors that an earlier datagram came to are left to
  /// take_error().
  Sent send(std::span<const std::byte> datagram, const Address& to) noexcept;

 private:
  posix::FileDescriptor fd_;
  bool connected_ = false;
  bool ipv6_ = false;
};

}  // namespace vagus::transport::datagram
