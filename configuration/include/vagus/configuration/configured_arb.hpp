/// An ApiArb as a file has it.
#pragma once

#include <string_view>

#include <vagus/arbitration/api_arb.hpp>
#include <vagus/configuration/configuration.hpp>

namespace vagus {

class ConfiguredApi;

/// An ApiArb with the endpoints and options of a configuration. All that an ApiArb can do, and two things
/// more: what is attached is bound to the endpoint that the file says, and nothing in the file is without
/// effect, see Configuration::check_used().
///
/// That is looked at when it starts, however it does: start(), run(), run_until_signal() and wait_open()
/// throw ConfigurationError, also for an option of a URL that its transport does not take, and the first call
/// fails with an ApiParamError of the same text.
///
/// Threads: as those of ApiArb; attach() is safe from any thread, too.
class ConfiguredArb : public ApiArb {
 public:
  /// Throws ConfigurationError for a file without endpoints, for a URL whose transport is not known, and for
  /// `[[users]]` where Vagus was built without OpenSSL.
  explicit ConfiguredArb(const Configuration& configuration);
  /// With options that the program has changed: those of `configuration.options()`, and a log, say.
  ConfiguredArb(const Configuration& configuration, const ArbOptions& options);

  /// As ApiArb::attach, bound as the file says of the API that has this namespace there; ApiParamError if
  /// these are several. The file need not know it.
  void attach(ApiBase& api);
  /// The same, bound as `[api.NAME]` says. Throws ConfigurationError if the file has none, or another
  /// namespace for it.
  void attach(ApiBase& api, std::string_view name);
  /// Bound as the program says, whatever the file does.
  void attach(ApiBase& api, const AttachOptions& options);
  /// By the name that it was made with, if this file has it, too.
  void attach(ConfiguredApi& api);

 private:
  const Configuration configuration_;
};

}  // namespace vagus
