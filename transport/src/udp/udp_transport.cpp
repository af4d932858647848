#include "udp/udp_transport.hpp"

#include <utility>

#include <vagus/core/asio_context.hpp>

#include "datagram/acceptor.hpp"
#include "datagram/connect_attempt.hpp"
#include "datagram/datagram_link.hpp"

namespace vagus::transport::udp {

namespace {

using datagram::Acceptor;
using datagram::Address;
using datagram::Options;
using datagram::Port;

constexpr LinkTraits udp_traits = datagram::traits_of("udp");

/// The address to listen at. Throws ApiParamError for a name that does not resolve.
Address resolve(const Url& url, const TransportContext& context) {
  const auto [name, port] = datagram::parse_host_and_port(url);
  // Known without asking (RFC 6761); heads come there first.
  const std::string host = name == "localhost" ? "127.0.0.1" : name;
  boost::asio::ip::udp::resolver resolver(asio_context(context.loop));
  boost::system::error_code error;
  const auto results = resolver.resolve(
      host, port, boost::asio::ip::resolver_base::passive | boost::asio::ip::resolver_base::numeric_service,
      error);
  if (error || results.empty()) {
    throw ApiParamError(url.to_string() + ": the name " + host + " does not resolve: " + error.message());
  }
  // One socket has one address: of a name with several, IPv4's is the one that a head surely tries.
  for (const auto& result : results) {
    if (result.endpoint().address().is_v4()) return result.endpoint();
  }
  return results.begin()->endpoint();
}

void check_safety(const Url& url, const Options& options, const Address& address) {
  if (address.address().is_loopback() || options.insecure) return;
  throw ApiParamError(
      url.to_string() +
      ": whoever reaches this address could call what is served here, since datagrams are "
      "neither encrypted nor authenticated; listen at 127.0.0.1 or [::1], or say insecure=yes");
}

class UdpListener final : public Listener {
 public:
  UdpListener(const Url& url, const TransportContext& context, const Options& options, LinkHandler accepted) {
    const Address address = resolve(url, context);
    check_safety(url, options, address);
    datagram::Socket socket(address.protocol());
    socket.bind(address);
    Url bound = url;
    bound.address = datagram::to_string(socket.local());
    url_ = bound.to_string();
    port_ = std::make_shared<Port>(context, std::move(socket), url_);
    acceptor_ = std::make_shared<Acceptor>(*port_, options, udp_traits, true, std::move(accepted));
    port_->open(acceptor_);
  }
  ~UdpListener() override {
    port_->close_door();
    acceptor_->close();
  }
  UdpListener(const UdpListener&) = delete;
  UdpListener& operator=(const UdpListener&) = delete;

  std::string url() const override { return url_; }

 private:
  std::string url_;
  std::shared_ptr<Port> port_;
  std::shared_ptr<Acceptor> acceptor_;
};

class UdpConnecting final : public Connecting {
 public:
  explicit UdpConnecting(std::shared_ptr<datagram::ConnectAttempt> attempt) : attempt_(std::move(attempt)) {}
  ~UdpConnecting() override { attempt_->cancel(); }
  UdpConnecting(const UdpConnecting&) = delete;
  UdpConnecting& operator=(const UdpConnecting&) = delete;

 private:
  const std::shared_ptr<datagram::ConnectAttempt> attempt_;
};

std::unique_ptr<Connecting> begin_connect(const Url& url, const TransportContext& context, bool plain,
                                          Deadline deadline, ConnectHandler connected) {
  if (datagram::parse_host_and_port(url).port == "0") {
    throw ApiParamError(url.to_string() + ": port 0 can be listened at, and not be connected to");
  }
  const Options options = datagram::parse_options(url, {});
  auto attempt = std::make_shared<datagram::ConnectAttempt>(url, context, options, udp_traits, plain,
                                                            deadline, std::move(connected));
  context.loop.post([attempt] { attempt->run(); });
  return std::make_unique<UdpConnecting>(std::move(attempt));
}

class UdpTransport final : public Transport {
 public:
  std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                   LinkHandler accepted) override {
    const Options options = datagram::parse_options(url, {});
    return std::make_unique<UdpListener>(url, context, options, std::move(accepted));
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context, Deadline deadline,
                                      ConnectHandler connected) override {
    return begin_connect(url, context, false, deadline, std::move(connected));
  }
};

class PlainTransport final : public Transport {
 public:
  std::unique_ptr<Listener> listen(const Url& url, const TransportContext&, LinkHandler) override {
    throw ApiParamError(url.to_string() + " is for connecting; udp:// listens to plain peers, too");
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context, Deadline deadline,
                                      ConnectHandler connected) override {
    return begin_connect(url, context, true, deadline, std::move(connected));
  }
};

}  // namespace

std::shared_ptr<Transport> make_transport() { return std::make_shared<UdpTransport>(); }
std::shared_ptr<Transport> make_plain_transport() { return std::make_shared<PlainTransport>(); }

}  // namespace vagus::transport::udp
