// REQ and REP, or DEALER and ROUTER for several requests under way. To spin is to ask again and again; the
// threads that ZeroMQ has for its sockets sleep all the same.

#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include <zmq.h>

#include "peers/in_order.hpp"
#include "peers/peer.hpp"

namespace bench {

namespace {

/// A socket with a context of its own.
class Socket {
 public:
  explicit Socket(int type) : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, type)) {
    require(socket_ != nullptr, "zmq_socket");
    const int linger = 0;
    ::zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
  }
  ~Socket() {
    ::zmq_close(socket_);
    ::zmq_ctx_term(context_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void bind(const std::string& address) { require(::zmq_bind(socket_, address.c_str()) == 0, "zmq_bind"); }
  void connect(const std::string& address) {
    require(::zmq_connect(socket_, address.c_str()) == 0, "zmq_connect");
  }
  void send(const void* bytes, std::size_t size, int flags = 0) {
    require(::zmq_send(socket_, bytes, size, flags) >= 0, "zmq_send");
  }
  /// How much it was.
  std::size_t receive(void* bytes, std::size_t size, Waiting waiting) {
    for (;;) {
      const int received = ::zmq_recv(socket_, bytes, size, waiting == Waiting::spin ? ZMQ_DONTWAIT : 0);
      if (received >= 0) return static_cast<std::size_t>(received);
      require(::zmq_errno() == EAGAIN || ::zmq_errno() == EINTR, "zmq_recv");
    }
  }

 private:
  void* const context_;
  void* const socket_;
};

std::string fresh_address() {
  static int number = 0;
  return "ipc://@vagus-bench-zeromq-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
}

Pair pair_of(Pin pin, Waiting waiting, std::size_t size, std::size_t count) {
  const std::string address = fresh_address();
  Pair pair;
  pair.pin = pin;
  pair.serve = [=](Server& server) {
    Socket socket(count > 1 ? ZMQ_ROUTER : ZMQ_REP);
    socket.bind(address);
    server.ready();
    std::vector<char> caller(256);
    std::vector<char> bytes(size);
    for (;;) {
      const std::size_t caller_size = count > 1 ? socket.receive(caller.data(), caller.size(), waiting) : 0;
      const std::size_t received = socket.receive(bytes.data(), bytes.size(), waiting);
      if (count > 1) socket.send(caller.data(), caller_size, ZMQ_SNDMORE);
      socket.send(bytes.data(), received);
    }
  };
  pair.caller = [=]() -> SliceRunner {
    const auto socket = std::make_shared<Socket>(count > 1 ? ZMQ_DEALER : ZMQ_REQ);
    socket->connect(address);
    const auto bytes = std::make_shared<std::vector<char>>(size, 'x');
    const auto send = [=] { socket->send(bytes->data(), bytes->size()); };
    const auto receive = [=] {
      require(socket->receive(bytes->data(), bytes->size(), waiting) == size, "a wrong answer");
    };
    return one_or_many(count, send, receive);
  };
  return pair;
}

}  // namespace

Peer zeromq_peer() { return waiting_peer("zeromq", pair_of); }

}  // namespace bench
