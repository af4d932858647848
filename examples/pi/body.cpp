#include "body.hpp"

#include <iostream>

#include <vagus/vagus.hpp>

#include "pi_api.hpp"
#include "service.hpp"

namespace pi {

void run_body(const std::string& url) {
  Service service;
  PiApi api{"pi"};
  const auto serving = vagus::serve(api, service);
  vagus::ApiArb arb{vagus::listen(url)};
  arb.attach(api);
  arb.start();
  std::cout << "pi: serving at " << url << ", until Ctrl-C" << std::endl;
  arb.run_until_signal();
}

}  // namespace pi
