#include "tcp/tcp_transport.hpp"

#include <utility>

#include "tcp/endpoint.hpp"
#include "tcp/tcp_kind.hpp"

namespace vagus::transport::tcp {

namespace {

class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(stream::Greeting greeting) : greeting_(greeting) {}

  std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                   LinkHandler accepted) override {
    const stream::StreamOptions options = stream::parse_stream_options(url, {"insecure"});
    return tcp::listen(url, context, options, make_kind(),
                       {.allowed = parse_insecure(url),
                        .lack = "this transport neither encrypts nor asks who connects",
                        .remedy = "take tls://"},
                       std::move(accepted));
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context, Deadline deadline,
                                      ConnectHandler connected) override {
    const stream::StreamOptions options = stream::parse_stream_options(url, {"insecure"});
    return tcp::connect(url, context, options, make_kind(), greeting_, deadline, std::move(connected));
  }

 private:
  const stream::Greeting greeting_;
};

}  // namespace

std::shared_ptr<Transport> make_transport(stream::Greeting greeting) {
  return std::make_shared<TcpTransport>(greeting);
}

}  // namespace vagus::transport::tcp
