#include <vagus/configuration/configured_api.hpp>
#include <vagus/configuration/configured_arb.hpp>
#include <vagus/core/error.hpp>

#include "configuration_data.hpp"
#include "faults.hpp"

namespace vagus {

namespace {

/// Those of the file, each looked at alone, so that it can be said where one is wrong.
std::vector<Endpoint> checked_endpoints(const Configuration& configuration, const ArbOptions& options) {
  const Settings& settings = configuration.data().settings();
  Faults faults(settings.file);
  if (settings.endpoints.empty()) {
    faults.add({}, "there is neither [[listen]] nor [[connect]], so that nobody could be reached");
  }
  for (const EndpointSettings& each : settings.endpoints) {
    try {
      const ApiArb alone(each.endpoint, options);  // which does nothing until it is started
    } catch (const ApiParamError& wrong) {
      faults.add(each.place, wrong.what());
    }
  }
  faults.raise();
  return configuration.endpoints();
}

}  // namespace

ConfiguredArb::ConfiguredArb(const Configuration& configuration)
    : ConfiguredArb(configuration, configuration.options()) {}

ConfiguredArb::ConfiguredArb(const Configuration& configuration, const ArbOptions& options)
    : ApiArb(checked_endpoints(configuration, options), options), configuration_(configuration) {}

void ConfiguredArb::attach(ApiBase& api, std::string_view name) {
  if (!name.empty()) return ApiArb::attach(api, configuration_.attachment(name));
  std::vector<const ApiSettings*> found;
  for (const ApiSettings& each : configuration_.data().settings().apis) {
    if (each.name_space == api.name_space()) found.push_back(&each);
  }
  if (found.size() > 1) {
    throw ApiParamError(configuration_.file() + " has " + std::to_string(found.size()) +
                        " APIs with the namespace " + api.name_space() +
                        ": say which of them this is, attach(api, \"" + found[0]->key + "\")");
  }
  ApiArb::attach(api, {.peer = found.empty() ? std::string_view() : std::string_view(found[0]->peer)});
}

void ConfiguredArb::attach(ConfiguredApi& api) { attach(api, api.name()); }

void ConfiguredArb::start() {
  begin([this] { ApiArb::start(); });
}

void ConfiguredArb::run() {
  begin([this] { ApiArb::run(); });
}

void ConfiguredArb::run_until_signal() {
  begin([this] { ApiArb::run_until_signal(); });
}

void ConfiguredArb::wait_open(Duration duration) {
  begin([this, duration] { ApiArb::wait_open(duration); });
}

// Transports look at the options of a URL when the link is made, and begin what they say with the URL.
void ConfiguredArb::begin(const std::function<void()>& start) const {
  configuration_.check_used();
  try {
    start();
  } catch (const ApiParamError& wrong) {
    const Settings& settings = configuration_.data().settings();
    for (const EndpointSettings& each : settings.endpoints) {
      if (!std::string_view(wrong.what()).starts_with(each.endpoint.url().to_string() + ": ")) continue;
      throw ConfigurationError(place_text(settings.file, each.place) + wrong.what());
    }
    throw;
  }
}

}  // namespace vagus
