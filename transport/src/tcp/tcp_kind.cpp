#include "tcp/tcp_kind.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include <vagus/core/error.hpp>

#include "posix/system_error.hpp"
#include "stream/socket_stream.hpp"
#include "tcp/name_dialer.hpp"

namespace vagus::transport::tcp {

namespace {

constexpr LinkTraits tcp_traits{.scheme = "tcp", .sees_death = true, .crosses_processes = true};

// A machine that vanishes without a word is noticed after two minutes, if nothing is on its way to it: else
// the system sends that again and again, for a quarter of an hour (tcp_retries2). TCP_USER_TIMEOUT would end
// that earlier, but also the link of a peer that stands still and whose system answers.
constexpr int keep_alive_idle_s = 60;
constexpr int keep_alive_pause_s = 10;
constexpr int keep_alive_tries = 6;

using boost::asio::ip::tcp;

void set(int socket, int level, int option, int value) {
  if (::setsockopt(socket, level, option, &value, sizeof value) != 0) {
    posix::throw_system_error("setsockopt", std::to_string(option), errno);
  }
}

tcp::endpoint end_of(int socket, int (*name)(int, sockaddr*, socklen_t*), const char* call) {
  tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (name(socket, endpoint.data(), &size) != 0) posix::throw_system_error(call, "", errno);
  endpoint.resize(size);
  return endpoint;
}

class TcpKind final : public stream::StreamKind {
 public:
  std::unique_ptr<stream::ByteStream> accepted(posix::FileDescriptor socket) const override {
    const tcp::endpoint peer = end_of(socket.get(), ::getpeername, "getpeername");
    // A write is a whole batch: nothing is gained by waiting for more.
    set(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, keep_alive_idle_s);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPINTVL, keep_alive_pause_s);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPCNT, keep_alive_tries);
    stream::StreamPeer who;
    who.traits = &tcp_traits;
    who.credentials.address = peer.address().to_string();
    who.text = to_string(peer);
    who.lingers = true;
    return std::make_unique<stream::SocketStream>(std::move(socket), std::move(who));
  }
  std::unique_ptr<stream::ByteStream> connected(posix::FileDescriptor socket) const override {
    // A free port of this machine from which we connect to itself: the system allows that.
    if (end_of(socket.get(), ::getpeername, "getpeername") ==
        end_of(socket.get(), ::getsockname, "getsockname")) {
      throw TransportDisconnectedError("nobody listens there");
    }
    return accepted(std::move(socket));
  }
};

}  // namespace

std::unique_ptr<const stream::StreamKind> make_kind() { return std::make_unique<TcpKind>(); }

}  // namespace vagus::transport::tcp
