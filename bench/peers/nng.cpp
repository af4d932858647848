// req0 and rep0. It always sleeps in threads of its own.

#include <unistd.h>

#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#include "peers/in_order.hpp"
#include "peers/peer.hpp"

namespace bench {

namespace {

void check(int code) { require(code == 0, ::nng_strerror(code)); }

class Socket {
 public:
  explicit Socket(int (*open)(nng_socket*)) {
    check(open(&socket_));
    check(::nng_socket_set_size(socket_, NNG_OPT_RECVMAXSZ, 0));  // no limit
  }
  ~Socket() { ::nng_close(socket_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  nng_socket get() const { return socket_; }

 private:
  nng_socket socket_ = NNG_SOCKET_INITIALIZER;
};

nng_msg* message_of(const std::vector<char>& bytes) {
  nng_msg* message = nullptr;
  check(::nng_msg_alloc(&message, bytes.size()));
  std::memcpy(::nng_msg_body(message), bytes.data(), bytes.size());
  return message;
}

void take(nng_msg* message, std::size_t size) {
  require(::nng_msg_len(message) == size, "a wrong answer");
  ::nng_msg_free(message);
}

class Operation {
 public:
  explicit Operation(void (*done)(void*) = nullptr, void* argument = nullptr) {
    check(::nng_aio_alloc(&aio_, done, argument));
  }
  ~Operation() { ::nng_aio_free(aio_); }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  nng_aio* get() const { return aio_; }
  void wait() const {
    ::nng_aio_wait(aio_);
    check(::nng_aio_result(aio_));
  }

 private:
  nng_aio* aio_ = nullptr;
};

class Context {
 public:
  explicit Context(nng_socket socket) { check(::nng_ctx_open(&context_, socket)); }
  ~Context() { ::nng_ctx_close(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  nng_ctx get() const { return context_; }

 private:
  nng_ctx context_ = NNG_CTX_INITIALIZER;
};

/// One request under way at a time.
class Requester {
 public:
  explicit Requester(nng_socket socket) : context_(socket) {}

  void send(const std::vector<char>& bytes) {
    ::nng_aio_set_msg(sending_.get(), message_of(bytes));
    ::nng_ctx_send(context_.get(), sending_.get());
    ::nng_ctx_recv(context_.get(), receiving_.get());
  }
  void receive(std::size_t size) {
    receiving_.wait();
    sending_.wait();
    take(::nng_aio_get_msg(receiving_.get()), size);
  }

 private:
  Context context_;
  Operation sending_;
  Operation receiving_;
};

/// Answers one request at a time, on the threads of nng.
class Answerer {
 public:
  explicit Answerer(nng_socket socket) : context_(socket) {
    ::nng_ctx_recv(context_.get(), operation_.get());
  }

 private:
  static void done(void* self) {
    auto& [context, operation, answering] = *static_cast<Answerer*>(self);
    if (::nng_aio_result(operation.get()) != 0) return;  // the caller is gone
    answering = !answering;
    if (answering) {
      ::nng_aio_set_msg(operation.get(), ::nng_aio_get_msg(operation.get()));
      ::nng_ctx_send(context.get(), operation.get());
    } else {
      ::nng_ctx_recv(context.get(), operation.get());
    }
  }

  Context context_;
  Operation operation_{&Answerer::done, this};
  bool answering_ = false;
};

std::string fresh_address() {
  static int number = 0;
  return "abstract://vagus-bench-nng-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
}

void serve(Server& server, const std::string& address, std::size_t count) {
  const Socket socket(::nng_rep0_open);
  std::deque<Answerer> answerers;
  for (std::size_t index = 0; count > 1 && index < count; ++index) answerers.emplace_back(socket.get());
  check(::nng_listen(socket.get(), address.c_str(), nullptr, 0));
  server.ready();
  if (count > 1) return server.wait_end();
  for (;;) {
    nng_msg* message = nullptr;
    check(::nng_recvmsg(socket.get(), &message, 0));
    check(::nng_sendmsg(socket.get(), message, 0));
  }
}

SliceRunner one_at_a_time(const std::shared_ptr<Socket>& socket, std::size_t size) {
  return at_pace({}, [socket, bytes = std::vector<char>(size, 'x')] {
    nng_msg* answer = nullptr;
    check(::nng_sendmsg(socket->get(), message_of(bytes), 0));
    check(::nng_recvmsg(socket->get(), &answer, 0));
    take(answer, bytes.size());
  });
}

SliceRunner several(const std::shared_ptr<Socket>& socket, std::size_t size, std::size_t count) {
  const auto requesters = std::make_shared<std::deque<Requester>>();
  for (std::size_t index = 0; index < count; ++index) requesters->emplace_back(socket->get());
  return [socket, requesters, count, bytes = std::vector<char>(size, 'x')](Slice& slice) {
    std::size_t sent = 0;
    std::size_t received = 0;
    run_in_order(
        slice, count, [&] { (*requesters)[sent++ % count].send(bytes); },
        [&] { (*requesters)[received++ % count].receive(bytes.size()); });
  };
}

Pair pair_of(Pin pin, std::size_t size, std::size_t count) {
  const std::string address = fresh_address();
  Pair pair;
  pair.pin = pin;
  pair.serve = [address, count](Server& server) { serve(server, address, count); };
  pair.caller = [address, size, count] {
    const auto socket = std::make_shared<Socket>(::nng_req0_open);
    check(::nng_dial(socket->get(), address.c_str(), nullptr, 0));
    return count > 1 ? several(socket, size, count) : one_at_a_time(socket, size);
  };
  return pair;
}

}  // namespace

Peer nng_peer() { return blocking_peer("nng", pair_of); }

}  // namespace bench
