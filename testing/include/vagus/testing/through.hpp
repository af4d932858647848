/// Endpoints that go by way of a transport of the test's.
#pragma once

#include <memory>

#include <vagus/transport/endpoint.hpp>
#include <vagus/transport/transport.hpp>

namespace vagus::testing {

/// The same endpoint, carried by this transport whatever the scheme of its URL.
Endpoint through(std::shared_ptr<transport::Transport> transport, const Endpoint& endpoint);

/// What carries it as it is: its own transport, or the one that was compiled in for its scheme. Throws
/// ApiParamError if there is none.
std::shared_ptr<transport::Transport> transport_of(const Endpoint& endpoint);

}  // namespace vagus::testing
