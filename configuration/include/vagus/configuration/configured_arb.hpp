/// An ApiArb as a file has it.
#pragma once

#include <functional>
#include <string_view>

#include <vagus/arbitration/api_arb.hpp>
#include <vagus/configuration/configuration.hpp>

namespace vagus {

class ConfiguredApi;

/// An ApiArb with the endpoints and options of a configuration. All that an ApiArb can do, and two things
/// more: what is attached is bound to the endpoint that the file says, and nothing in the file is without
/// effect, see Configuration::check_used().
class ConfiguredArb : public ApiArb {
 public:
  /// Throws ConfigurationError for a file without endpoints, and for a URL whose transport is not known.
  explicit ConfiguredArb(const Configuration& configuration);
  /// With options that the program has changed: those of `configuration.options()`, and a log, say.
  ConfiguredArb(const Configuration& configuration, const ArbOptions& options);

  /// As ApiArb::attach, bound as `[api.NAME]` says. Without a name it is the one of the file that has the
  /// namespace of the API; ApiParamError if these are several. The file need not know it.
  void attach(ApiBase& api, std::string_view name = {});
  void attach(ConfiguredApi& api);

  // As those of ApiArb; throw ConfigurationError if something of the file has not been used by then, and for
  // options of a URL that its transport does not take.

  void start();
  void run();
  void run_until_signal();
  void wait_open(Duration duration);

 private:
  void begin(const std::function<void()>& start) const;

  const Configuration configuration_;
};

}  // namespace vagus
