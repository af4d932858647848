#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/hello.hpp>

#include "stream/hello_exchange.hpp"

namespace vagus::testing {

/// A connected TCP socket that says what a test wants it to say, and waits ten seconds at most.
class TcpPeer {
 public:
  /// Connects to the address of a URL such as `tcp://127.0.0.1:4000`.
  explicit TcpPeer(const std::string& url) : TcpPeer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in at = address_of(url);
    check(::connect(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at), "connect");
  }
  /// Takes a socket over.
  explicit TcpPeer(int fd) : fd_(fd) {
    check(fd, "socket");
    const timeval limit{10, 0};
    check(::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "setsockopt");
  }
  TcpPeer(TcpPeer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~TcpPeer() {
    if (fd_ >= 0) ::close(fd_);
  }

  int descriptor() const noexcept { return fd_; }

  void send(std::span<const std::byte> bytes) {
    check(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), "send");
  }
  void send(std::string_view bytes) { send(std::as_bytes(std::span(bytes))); }
  void say_hello() {
    wire::Hello hello;
    hello.name = "raw";
    send(transport::stream::encode_hello_request(hello));
    receive_some();
  }
  /// What is there, at least a byte; empty at the end of the stream.
  std::string receive_some() {
    std::string bytes(4096, '\0');
    const auto size = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (size < 0 && errno == ECONNRESET) return {};
    check(size, "recv");
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
  }
  /// All there is up to the end of the stream.
  std::string receive_all() {
    std::string all;
    for (std::string some = receive_some(); !some.empty(); some = receive_some()) all += some;
    return all;
  }
  void finish_writing() { check(::shutdown(fd_, SHUT_WR), "shutdown"); }

  static sockaddr_in address_of(const std::string& url) {
    const auto colon = url.rfind(':');
    const auto host = url.find("://") + 3;
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))));
    check(::inet_pton(AF_INET, url.substr(host, colon - host).c_str(), &at.sin_addr) - 1, "inet_pton");
    return at;
  }
  static void check(std::ptrdiff_t result, const char* call) {
    if (result < 0) throw std::runtime_error(std::string(call) + ": " + std::strerror(errno));
  }

 private:
  int fd_;
};

/// A server that is none of Vagus, at a port of its own.
class TcpServer {
 public:
  TcpServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    TcpPeer::check(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), size), "bind");
    TcpPeer::check(::listen(fd_, 8), "listen");
    TcpPeer::check(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), "getsockname");
    address_ = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
  }
  ~TcpServer() { ::close(fd_); }
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  const std::string& address() const { return address_; }
  TcpPeer accept() { return TcpPeer(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  const int fd_;
  std::string address_;
};

}  // namespace vagus::testing
