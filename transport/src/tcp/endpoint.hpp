/// Listening and connecting over TCP, for `tcp://` and for what wraps it.
#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

#include "stream/handshake.hpp"
#include "stream/stream_kind.hpp"
#include "stream/stream_options.hpp"
#include "tcp/listening_socket.hpp"

namespace vagus::transport::tcp {

/// The option `insecure`. Throws ApiParamError for a value that is neither yes nor no.
bool parse_insecure(const Url& url);

/// The URL of the listener has the port that the system chose for 0. Throws as listen_at().
std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                 const stream::StreamOptions& options,
                                 std::unique_ptr<const stream::StreamKind> kind, const Exposure& exposure,
                                 LinkHandler accepted);

/// Throws ApiParamError for a bad address.
std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context,
                                    const stream::StreamOptions& options,
                                    std::unique_ptr<const stream::StreamKind> kind, stream::Greeting greeting,
                                    Deadline deadline, ConnectHandler connected);

}  // namespace vagus::transport::tcp
