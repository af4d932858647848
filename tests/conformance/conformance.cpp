#include "conformance/conformance.hpp"

#include <unistd.h>

#include <atomic>

namespace vagus::testing {

std::string unique_url(const std::string& scheme) {
  static std::atomic<int> number{0};
  return scheme + "://conformance-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
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
