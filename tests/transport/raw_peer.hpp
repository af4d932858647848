#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "posix/datagram.hpp"
#include "posix/unix_socket.hpp"
#include "shm/address.hpp"
#include "shm/greeting.hpp"
#include "shm/link_making.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {

/// The other end of an shm link, as a program without manners has it: a socket, and what it likes to send.
class RawPeer {
 public:
  using Descriptor = transport::posix::FileDescriptor;

  explicit RawPeer(Descriptor socket) : socket_(std::move(socket)) {}
  /// Connects to a listener.
  explicit RawPeer(const std::string& url) : socket_(transport::posix::create_seqpacket_socket()) {
    const transport::shm::Address address(Url::parse(url));
    if (::connect(socket_.get(), address.socket_address(), address.size()) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
  }

  int socket() const { return socket_.get(); }
  void close() { socket_.reset(); }

  void send(std::string_view bytes, const std::vector<int>& descriptors = {}) {
    send(std::as_bytes(std::span(bytes)), descriptors);
  }
  void send(std::span<const std::byte> bytes, const std::vector<int>& descriptors = {}) {
    const int error = transport::posix::send_datagram(socket_.get(), bytes, descriptors);
    if (error != 0) throw std::system_error(error, std::generic_category(), "send");
  }

  /// The next datagram, waited for.
  transport::shm::FirstDatagram::Outcome receive() {
    transport::shm::FirstDatagram::Outcome outcome;
    pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    constexpr int limit_ms = 30'000;
    if (::poll(&readable, 1, limit_ms) != 1) throw std::runtime_error("no datagram came in time");
    outcome.bytes.resize(transport::shm::max_datagram_size);
    outcome.datagram = transport::posix::receive_datagram(socket_.get(), outcome.bytes);
    outcome.bytes.resize(outcome.datagram.size);
    outcome.status = outcome.datagram.status == transport::posix::Datagram::Status::received
                         ? transport::shm::FirstDatagram::Outcome::Status::received
                         : transport::shm::FirstDatagram::Outcome::Status::ended;
    return outcome;
  }
  /// Waits until the other side has closed; its last words.
  std::string await_end() {
    std::string words;
    while (true) {
      const auto outcome = receive();
      if (outcome.status == transport::shm::FirstDatagram::Outcome::Status::ended) return words;
      words.append(reinterpret_cast<const char*>(outcome.bytes.data()), outcome.bytes.size());
    }
  }

 private:
  Descriptor socket_;
};

/// A raw peer that greets as it should, and has both sides' memory at its disposal from then on.
class GreetedPeer : public RawPeer {
 public:
  GreetedPeer(const std::string& url, const transport::TransportContext& context,
              std::size_t ring_bytes = 65536, std::size_t arena_bytes = 0)
      : RawPeer(url), own(ring_bytes, arena_bytes), bell(::dup(own.bell.write_end.get())) {
    if (!transport::shm::send_hello(socket(), context, own))
      throw std::runtime_error("the listener has left");
    auto answer = receive();
    peer.emplace(transport::shm::check_hello(answer));
  }

  transport::ring::Control& control() { return *own.segment.memory().control; }

  transport::shm::OwnPart own;
  Descriptor bell;  // the same open file that the other side was given
  std::optional<transport::shm::PeerPart> peer;
};

}  // namespace vagus::testing
