#include "stream/stream_making.hpp"

#include <algorithm>
#include <utility>

#include "stream/compression.hpp"
#include "stream/stream_link.hpp"

namespace vagus::transport::stream {

TransportContext with_offers(TransportContext context, const StreamOptions& options) {
  if (options.compression) context.hello.capabilities.emplace_back(zstd_capability);
  return context;
}

std::unique_ptr<Link> make_link(const TransportContext& context, const StreamOptions& options,
                                const std::string& url, Side side, Handshake::Outcome outcome,
                                std::shared_ptr<void> place) {
  std::string description =
      url + (side == Side::head ? " (head) with " : " (body) with ") + outcome.stream->peer();
  OpenStream open{.stream = std::move(outcome.stream),
                  .watch = std::move(outcome.watch),
                  .output = std::move(outcome.output),
                  .input = std::move(*outcome.input),
                  .times = options.times,
                  .side = side,
                  .takes_pings = outcome.hello.version != 0};
  StreamLinkParts parts{.peer_hello = std::move(outcome.hello),
                        .max_sent_size = 0,
                        .max_received_size = context.limits.message_size,
                        .wait_policy = options.wait_policy,
                        .state = std::make_shared<StreamState>(context.loop, context.log,
                                                               std::move(description), std::move(open)),
                        .place = std::move(place)};
  parts.max_sent_size = static_cast<std::size_t>(
      std::min<std::uint64_t>(context.limits.message_size, parts.peer_hello.max_message_size));
  parts.compresses = offers_compression(context.hello) && offers_compression(parts.peer_hello);
  return std::make_unique<StreamLink>(std::move(parts));
}

}  // namespace vagus::transport::stream
