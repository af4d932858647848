#include <utility>

#include <vagus/testing/through.hpp>

namespace vagus::testing {

Endpoint through(std::shared_ptr<transport::Transport> transport, const Endpoint& endpoint) {
  const Endpoint carried = Endpoint(endpoint.side(), endpoint.url(), std::move(transport));
  const Endpoint named = endpoint.name().empty() ? carried : carried.named(endpoint.name());
  return endpoint.login().empty() ? named : named.login(endpoint.login());
}

std::shared_ptr<transport::Transport> transport_of(const Endpoint& endpoint) {
  if (endpoint.transport()) return endpoint.transport();
  return transport::TransportRegistry::builtin().find(endpoint.url().scheme);
}

}  // namespace vagus::testing
