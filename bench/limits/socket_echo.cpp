#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "limits/limits.hpp"
#include "timing/clock.hpp"

namespace bench {

namespace {

void require(bool good, const char* call) {
  if (!good) throw std::system_error(errno, std::generic_category(), call);
}

/// The two ends of a connection. Both processes have both; each uses its own.
class Connection {
 public:
  Connection(int caller, int server) : caller_(caller), server_(server) {}
  ~Connection() {
    ::close(caller_);
    ::close(server_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int caller() const { return caller_; }
  int server() const { return server_; }

 private:
  const int caller_;
  const int server_;
};

std::shared_ptr<const Connection> connect_by_unix() {
  int ends[2];
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
  return std::make_shared<const Connection>(ends[0], ends[1]);
}

void send_at_once(int socket) {
  const int on = 1;
  require(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "setsockopt");
}

std::shared_ptr<const Connection> connect_by_tcp() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(listener >= 0, "socket");
  const Connection closes(listener, -1);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  require(::bind(listener, where, size) == 0, "bind");
  require(::listen(listener, 1) == 0, "listen");
  require(::getsockname(listener, where, &size) == 0, "getsockname");
  const int caller = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(caller >= 0, "socket");
  require(::connect(caller, where, size) == 0, "connect");
  const int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  require(server >= 0, "accept4");
  send_at_once(caller);
  send_at_once(server);
  return std::make_shared<const Connection>(caller, server);
}

constexpr nanoseconds longest_look{50'000};

ssize_t look_and_read(int socket, char* bytes, std::size_t size) {
  const auto end = Clock::now() + longest_look;
  do {
    const ssize_t done = ::recv(socket, bytes, size, MSG_DONTWAIT);
    if (done >= 0 || errno != EAGAIN) return done;
    pause_processor();
  } while (Clock::now() < end);
  return ::read(socket, bytes, size);
}

// By one of those that read, or by write.
template <typename Transfer, typename Byte>
void transfer_all(Transfer transfer, int socket, Byte* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t done = transfer(socket, bytes, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw std::runtime_error("the other end of the socket is gone");
    bytes += done;
    size -= static_cast<std::size_t>(done);
  }
}

Pair echo_over(const std::shared_ptr<const Connection>& connection, Pin pin, const SocketEcho& echo) {
  const bool looks = echo.waiting == Waiting::adaptive && pin != Pin::one;
  const auto receive = looks ? look_and_read : [](int socket, char* bytes, std::size_t size) {
    return ::read(socket, bytes, size);
  };
  Pair pair;
  pair.pin = pin;
  pair.serve = [connection, receive, payload = echo.payload](Server& server) {
    std::vector<char> bytes(payload);
    server.ready();
    for (;;) {
      transfer_all(receive, connection->server(), bytes.data(), payload);
      transfer_all(::write, connection->server(), bytes.data(), payload);
    }
  };
  pair.caller = [connection, receive, echo] {
    return at_pace(echo.pace, [connection, receive, bytes = std::vector<char>(echo.payload, 'x')]() mutable {
      transfer_all(::write, connection->caller(), bytes.data(), bytes.size());
      transfer_all(receive, connection->caller(), bytes.data(), bytes.size());
    });
  };
  return pair;
}

}  // namespace

Pair unix_socket_echo(Pin pin, const SocketEcho& echo) { return echo_over(connect_by_unix(), pin, echo); }
Pair tcp_socket_echo(Pin pin, const SocketEcho& echo) { return echo_over(connect_by_tcp(), pin, echo); }

}  // namespace bench
