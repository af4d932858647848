#include "configured.hpp"

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <vagus/configuration/configuration.hpp>
#include <vagus/configuration/configured_api.hpp>
#include <vagus/configuration/configured_arb.hpp>

#include "body.hpp"
#include "head.hpp"

namespace sysmon {

namespace {

/// How many processes wanted to run, on average over the last minutes.
double load_average(int minutes) {
  double averages[3];
  const int index = minutes == 1 ? 0 : minutes == 5 ? 1 : minutes == 15 ? 2 : -1;
  if (index < 0) throw std::invalid_argument("there are averages over 1, 5 and 15 minutes");
  if (::getloadavg(averages, 3) != 3) throw std::runtime_error("this system has no load average");
  return averages[index];
}

}  // namespace

void run_configured_body(const std::string& file, bool allow_signal) {
  const auto configuration = vagus::Configuration::from_file(file);

  // Declared in code: the file says how many workers they have, and the like.
  BodyOptions options;
  options.system = configuration.api("system", options.system);
  options.lab = configuration.api("lab", options.lab);

  // Declared nowhere but in the file: its method is called as any other.
  vagus::ConfiguredApi host{configuration, "host"};
  host.handle("load_average", [](int minutes) { return load_average(minutes); });

  vagus::ConfiguredArb arb{configuration};
  arb.attach(host);
  serve_until_signal(arb, options, allow_signal);
}

int run_configured_head(const std::string& file, std::optional<int> seconds) {
  const auto configuration = vagus::Configuration::from_file(file);
  BodyToWatch body;
  body.connect = [&](vagus::Log& log) {
    vagus::ArbOptions options = configuration.options();
    options.log = log;  // what the file cannot say
    return std::make_shared<vagus::ConfiguredArb>(configuration, options);
  };
  body.system = configuration.api("system", body.system);
  return run_head(body, file, seconds);
}

}  // namespace sysmon
