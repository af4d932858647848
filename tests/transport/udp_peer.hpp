#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/pack.hpp>

#include "datagram/frame.hpp"
#include "datagram/greeting.hpp"

namespace vagus::testing {

/// A socket at 127.0.0.1 that says what a test wants it to say.
class UdpPeer {
 public:
  using Frame = transport::datagram::Frame;
  using FrameKind = transport::datagram::FrameKind;
  using Greeting = transport::datagram::Greeting;

  UdpPeer() : UdpPeer(0) {}
  explicit UdpPeer(std::uint16_t own_port) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in at = loopback(own_port);
    if (fd_ < 0 || ::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
      throw std::runtime_error(std::string("no socket for a peer: ") + std::strerror(errno));
    }
  }
  ~UdpPeer() { close(); }
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  std::uint16_t port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
  }
  std::string url() const { return "udp://127.0.0.1:" + std::to_string(port()); }

  /// Where everything is sent from now on: a URL of the listener, or whoever has sent what came last.
  void talk_to(const std::string& url) {
    talk_to(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  }
  void talk_to(std::uint16_t other_port) { other_ = loopback(other_port); }

  void send(std::span<const std::byte> datagram) {
    const auto sent = ::sendto(fd_, datagram.data(), datagram.size(), 0,
                               reinterpret_cast<const sockaddr*>(&other_), sizeof other_);
    if (sent < 0) throw std::runtime_error(std::string("sendto: ") + std::strerror(errno));
  }
  void send(const std::string& text) { send(std::as_bytes(std::span(text))); }
  void send(const Frame& frame, std::span<const std::byte> message = {}) {
    Bytes datagram(Frame::size);
    write(std::span(datagram).first<Frame::size>(), frame);
    datagram.insert(datagram.end(), message.begin(), message.end());
    send(datagram);
  }

  /// The next datagram; empty if none comes in time. Who has sent it is talked to from now on.
  std::optional<Bytes> receive(std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
    Bytes datagram(65'536);
    socklen_t size = sizeof other_;
    const auto count =
        ::recvfrom(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&other_), &size);
    if (count < 0) return std::nullopt;
    datagram.resize(static_cast<std::size_t>(count));
    return datagram;
  }
  /// The next frame of this kind; others are skipped.
  std::optional<Frame> await_frame(FrameKind kind) {
    for (int skipped = 0; skipped < 1'000; ++skipped) {
      const auto datagram = receive();
      if (!datagram) return std::nullopt;
      last = *datagram;
      const auto frame = transport::datagram::read_frame(*datagram);
      if (frame && frame->kind == kind) return frame;
    }
    return std::nullopt;
  }

  /// Says hello as a head does, and gives the answer.
  Greeting say_hello(std::uint64_t link) {
    send(transport::datagram::encode_question(hello(wire::Role::head), link));
    const auto answer = receive();
    if (!answer) throw std::runtime_error("the hello was not answered");
    return transport::datagram::decode_answer(wire::parse(*answer, wire::Limits()));
  }
  /// Answers the hello of a head.
  Greeting answer_hello(std::uint64_t link) {
    const auto datagram = receive();
    if (!datagram) throw std::runtime_error("nobody has said hello");
    const wire::Message message = wire::parse(*datagram, wire::Limits());
    Greeting question = transport::datagram::decode_question(message);
    send(transport::datagram::encode_answer(message.id, {hello(wire::Role::body), link, question.link}));
    return question;
  }

  static wire::Hello hello(wire::Role role) {
    wire::Hello hello;
    hello.name = "raw";
    hello.role = role;
    hello.incarnation = 5;
    return hello;
  }

  Bytes last;  ///< the datagram of the frame that await_frame() has given

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int fd_;
  sockaddr_in other_{};
};

/// The notification `[2, method, [text]]`.
inline Bytes note(const std::string& text, const std::string& method = "said") {
  return wire::written([&](wire::Writer& writer) {
    wire::begin_notification(writer, method, false);
    writer.array(1);
    writer.str(text);
  });
}

}  // namespace vagus::testing
