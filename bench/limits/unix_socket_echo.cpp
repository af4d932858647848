#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "limits/limits.hpp"

namespace bench {

namespace {

/// The two ends of a socket. Both processes have both; each uses its own.
class SocketPair {
 public:
  SocketPair() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) != 0) {
      throw std::system_error(errno, std::generic_category(), "socketpair");
    }
  }
  ~SocketPair() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  int caller() const { return ends_[0]; }
  int server() const { return ends_[1]; }

 private:
  int ends_[2];
};

// By read or write.
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

}  // namespace

Pair unix_socket_echo(Pin pin, std::size_t payload) {
  const auto sockets = std::make_shared<SocketPair>();
  Pair pair;
  pair.pin = pin;
  pair.serve = [sockets, payload](Server& server) {
    std::vector<char> bytes(payload);
    server.ready();
    for (;;) {
      transfer_all(::read, sockets->server(), bytes.data(), payload);
      transfer_all(::write, sockets->server(), bytes.data(), payload);
    }
  };
  pair.caller = [sockets, payload] {
    return at_pace({}, [sockets, bytes = std::vector<char>(payload, 'x')]() mutable {
      transfer_all(::write, sockets->caller(), bytes.data(), bytes.size());
      transfer_all(::read, sockets->caller(), bytes.data(), bytes.size());
    });
  };
  return pair;
}

}  // namespace bench
