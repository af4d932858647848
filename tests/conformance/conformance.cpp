#include "conformance/conformance.hpp"

#include <unistd.h>

#include <atomic>

#ifdef VAGUS_WITH_OPENSSL
#include "support/tls/own_certificate.hpp"
#endif

namespace vagus::testing {

std::vector<std::string> all_transports() {
  std::vector<std::string> schemes{"inproc", "shm", "unix", "tcp"};
#ifdef VAGUS_WITH_OPENSSL
  schemes.emplace_back("tls");
#endif
  return schemes;
}

std::vector<std::string> all_transports_and_datagrams() {
  auto schemes = all_transports();
  schemes.emplace_back("udp");
  return schemes;
}

std::string unique_url(const std::string& scheme) {
  static std::atomic<int> counter{0};
  const int number = ++counter;
  if (scheme == "udp" || scheme.ends_with("tcp")) {
    return scheme + "://" + own_loopback_address() + ":" + std::to_string(10'000 + number);
  }
#ifdef VAGUS_WITH_OPENSSL
  if (scheme.ends_with("tls")) {
    const std::string place = unique_url("tcp");
    return scheme + place.substr(place.find(':')) + "?" + own_tls_options();
  }
#endif
  const char* const mark = scheme.ends_with("unix") ? "@" : "";
  return scheme + "://" + mark + "conformance-" + std::to_string(::getpid()) + "-" + std::to_string(number);
}

std::string with_option(const std::string& url, const std::string& option) {
  return url + (url.find('?') == std::string::npos ? '?' : '&') + option;
}

ArbOptions Pair::with_log(ArbOptions options, Log& log, std::string_view name) {
  if (!options.log) options.log = log;
  if (options.name.empty()) options.name = name;
  return options;
}

Pair::Pair(const std::string& url, const Options& options)
    : served("sample", {.workers = options.workers, .queue = options.queue}),
      called("sample", options.called),
      desk("desk", {.workers = options.desk_workers}),
      called_desk("desk"),
      serving(serve(served, service)),
      serving_desk(serve(desk, service)),
      body(listen(url), with_log(options.body, body_log.log(), "body")),
      head(connect(url), with_log(options.head, head_log.log(), "head")) {
  body.attach(served);
  body.attach(called_desk);
  head.attach(called);
  head.attach(desk);
  body.start();
}

}  // namespace vagus::testing
