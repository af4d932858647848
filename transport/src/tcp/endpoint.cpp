#include "tcp/endpoint.hpp"

#include <string>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/core/fault_point.hpp>

#include "stream/stream_listener.hpp"
#include "tcp/name_dialer.hpp"

namespace vagus::transport::tcp {

namespace {

/// A port is free again with its socket.
struct NoAddress {};

}  // namespace

bool parse_insecure(const Url& url) {
  const auto found = url.options.find("insecure");
  if (found == url.options.end() || found->second == "no") return false;
  if (found->second == "yes") return true;
  throw ApiParamError(url.to_string() + ": insecure=" + found->second + " is neither yes nor no");
}

std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                 const stream::StreamOptions& options,
                                 std::unique_ptr<const stream::StreamKind> kind, const Exposure& exposure,
                                 LinkHandler accepted) {
  ListeningSocket listening = listen_at(url, exposure);
  Url real = url;
  real.address = listening.address;
  auto acceptor = std::make_shared<stream::StreamAcceptor>(
      real.to_string(), std::move(kind), context, options, std::move(listening.socket), std::move(accepted));
  VAGUS_FAULT_POINT("listen.listening");
  return std::make_unique<stream::StreamListener<NoAddress>>(real.to_string(), nullptr, std::move(acceptor));
}

std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context,
                                    const stream::StreamOptions& options,
                                    std::unique_ptr<const stream::StreamKind> kind, stream::Greeting greeting,
                                    Deadline deadline, ConnectHandler connected) {
  stream::StreamConnecting::Parts parts{
      .dialer = std::make_unique<NameDialer>(context.loop, url.to_string(), parse_host_port(url)),
      .kind = std::move(kind),
      .options = options,
      .greeting = greeting};
  return std::make_unique<stream::StreamAttempt>(
      context.loop,
      std::make_shared<stream::StreamConnecting>(std::move(parts), context, deadline, std::move(connected)));
}

}  // namespace vagus::transport::tcp
