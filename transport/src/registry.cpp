#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/transport/transport.hpp>

namespace vagus::transport {

void TransportRegistry::add(std::string scheme, std::shared_ptr<Transport> transport) {
  if (!transport) throw ApiParamError("TransportRegistry::add: no transport was given for " + scheme);
  transports_.insert_or_assign(std::move(scheme), std::move(transport));
}

std::shared_ptr<Transport> TransportRegistry::find(std::string_view scheme) const {
  const auto found = transports_.find(scheme);
  if (found != transports_.end()) return found->second;
  std::string text = "no transport is named " + std::string(scheme) + "; there are:";
  for (const std::string& known : schemes()) text += " " + known;
  throw ApiParamError(text);
}

std::vector<std::string> TransportRegistry::schemes() const {
  std::vector<std::string> names;
  names.reserve(transports_.size());
  for (const auto& entry : transports_) names.push_back(entry.first);
  return names;
}

}  // namespace vagus::transport
