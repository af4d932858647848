#include "unix/unix_transport.hpp"

#include <sys/socket.h>

#include <cstring>
#include <string>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/core/fault_point.hpp>

#include "local/access.hpp"
#include "local/rendezvous.hpp"
#include "local/socket_address.hpp"
#include "posix/peer_credentials.hpp"
#include "stream/socket_stream.hpp"
#include "stream/stream_listener.hpp"
#include "unix/address.hpp"

namespace vagus::transport::unix_socket {

namespace {

constexpr LinkTraits unix_traits{.scheme = "unix", .sees_death = true, .crosses_processes = true};

class UnixKind final : public stream::StreamKind {
 public:
  UnixKind(const local::SocketAddress& address, local::Access access)
      : address_(address), access_(std::move(access)) {}

  std::unique_ptr<stream::ByteStream> accepted(posix::FileDescriptor socket) const override {
    return connected(std::move(socket));
  }
  std::unique_ptr<stream::ByteStream> connected(posix::FileDescriptor socket) const override {
    const Credentials peer = posix::peer_credentials(socket.get());
    check_access(address_, access_, peer);
    return std::make_unique<stream::SocketStream>(
        std::move(socket),
        stream::StreamPeer{
            .traits = &unix_traits, .credentials = peer, .text = posix::to_string(peer), .lingers = false});
  }

 private:
  const local::SocketAddress address_;
  const local::Access access_;
};

class UnixDialer final : public stream::Dialer {
 public:
  explicit UnixDialer(const local::SocketAddress& address) : text_(address.text()) {
    static_assert(sizeof(sockaddr_un) <= sizeof(sockaddr_storage));
    std::memcpy(&target_.address, address.socket_address(), address.size());
    target_.size = address.size();
    target_.text = address.text();
  }
  const std::string& text() const noexcept override { return text_; }
  void find(Found found) override { found(std::vector{target_}); }
  void cancel() noexcept override {}

 private:
  const std::string text_;
  stream::SocketTarget target_;
};

class UnixTransport final : public Transport {
 public:
  explicit UnixTransport(stream::Greeting greeting) : greeting_(greeting) {}

  std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                   LinkHandler accepted) override {
    const local::SocketAddress address = address_of(url);
    const stream::StreamOptions options = parse_options(url, address);
    const local::Access access = local::parse_access(url);
    auto rendezvous = std::make_unique<local::Rendezvous>(address, access, SOCK_STREAM);
    auto acceptor = std::make_shared<stream::StreamAcceptor>(
        address.text(), std::make_unique<UnixKind>(address, access), context, options,
        rendezvous->take_socket(), std::move(accepted));
    VAGUS_FAULT_POINT("listen.listening");
    return std::make_unique<stream::StreamListener<local::Rendezvous>>(address.text(), std::move(rendezvous),
                                                                       std::move(acceptor));
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context, Deadline deadline,
                                      ConnectHandler connected) override {
    const local::SocketAddress address = address_of(url);
    const stream::StreamOptions options = parse_options(url, address);
    local::Access access = local::parse_access(url);
    access.by_mode = false;  // the mode is the listener's, and says nothing of who that is
    return std::make_unique<stream::StreamAttempt>(
        context.loop, std::make_shared<stream::StreamConnecting>(
                          stream::StreamConnecting::Parts{.dialer = std::make_unique<UnixDialer>(address),
                                                          .kind = std::make_unique<UnixKind>(address, access),
                                                          .options = options,
                                                          .greeting = greeting_},
                          context, deadline, std::move(connected)));
  }

 private:
  static stream::StreamOptions parse_options(const Url& url, const local::SocketAddress& address) {
    // A name without a file has no mode.
    if (address.is_abstract()) return stream::parse_stream_options(url, {"users", "groups"});
    return stream::parse_stream_options(url, {"mode", "group", "users", "groups"});
  }

  const stream::Greeting greeting_;
};

}  // namespace

std::shared_ptr<Transport> make_transport(stream::Greeting greeting) {
  return std::make_shared<UnixTransport>(greeting);
}

}  // namespace vagus::transport::unix_socket
