#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

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
    } catch (const std::logic_error& wrong) {  // without OpenSSL nobody can log in
      if (!settings.users) throw;
      faults.add(settings.users_place, wrong.what());
      break;
    }
  }
  faults.raise();
  return configuration.endpoints();
}

// Transports look at the options of a URL when the link is made, and begin what they say with the URL.
void start_placed(const Configuration& configuration, const std::function<void()>& start) {
  try {
    start();
  } catch (const ApiParamError& wrong) {
    const Settings& settings = configuration.data().settings();
    Faults faults(settings.file);
    for (const EndpointSettings& each : settings.endpoints) {
      if (!std::string_view(wrong.what()).starts_with(each.endpoint.url().to_string() + ": ")) continue;
      faults.add(each.place, wrong.what());
      break;
    }
    faults.raise();
    throw;
  }
}

}  // namespace

ConfiguredArb::ConfiguredArb(const Configuration& configuration)
    : ConfiguredArb(configuration, configuration.options()) {}

ConfiguredArb::ConfiguredArb(const Configuration& configuration, const ArbOptions& options)
    : ApiArb(checked_endpoints(configuration, options), options), configuration_(configuration) {
  around_start([configuration](const std::function<void()>& start) {
    configuration.check_used();
    start_placed(configuration, start);
  });
}

void ConfiguredArb::attach(ApiBase& api) {
  const detail::ConfigurationData& data = configuration_.data();
  std::vector<const ApiSettings*> found;
  for (const ApiSettings& each : data.settings().apis) {
    if (each.name_space == api.name_space()) found.push_back(&each);
  }
  if (found.size() > 1) {
    throw ApiParamError(configuration_.file() + " has " + std::to_string(found.size()) +
                        " APIs with the namespace " + api.name_space() +
                        ": say which of them this is, attach(api, \"" + found[0]->key + "\")");
  }
  if (found.empty()) return ApiArb::attach(api);
  ApiArb::attach(api, {.peer = found[0]->peer});
  data.note_attached(*found[0]);
}

void ConfiguredArb::attach(ApiBase& api, std::string_view name) {
  const detail::ConfigurationData& data = configuration_.data();
  const ApiSettings& found = data.root_api(name);
  if (found.name_space != api.name_space()) {
    throw ConfigurationError(place_text(configuration_.file(), found.name_space_place.value_or(found.place)) +
                             "the namespace of [api." + found.key + "] is " + found.name_space +
                             ", but that of the API which is attached as that is " + api.name_space());
  }
  ApiArb::attach(api, {.peer = found.peer});
  data.note_attached(found);
}

void ConfiguredArb::attach(ApiBase& api, const AttachOptions& options) { ApiArb::attach(api, options); }

void ConfiguredArb::attach(ConfiguredApi& api) {
  if (configuration_.data().settings().api(api.name()) != nullptr) return attach(api, api.name());
  attach(static_cast<ApiBase&>(api));
}

}  // namespace vagus
