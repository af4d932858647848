#pragma once

#include <memory>
#include <string>

#include <vagus/transport/transport.hpp>

#include "stream/handshake.hpp"
#include "stream/stream_options.hpp"
#include "stream/stream_state.hpp"

namespace vagus::transport::stream {

/// The context of an endpoint, whose hello says what its options offer.
TransportContext with_offers(TransportContext context, const StreamOptions& options);

/// Makes the link of a stream whose handshake is done. `url` is the own one, for messages.
std::unique_ptr<Link> make_link(const TransportContext& context, const StreamOptions& options,
                                const std::string& url, Side side, Handshake::Outcome outcome,
                                std::shared_ptr<void> place);

}  // namespace vagus::transport::stream
