#include "connection.hpp"

#include <cstdlib>

#include "exit_codes.hpp"

namespace vagus::tools {

namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

Endpoint endpoint(const ConnectionOptions& options) {
  const Endpoint plain = connect(options.url);
  Login login;
  if (!options.user.empty()) {
    login.user = options.user;
    login.password = environment("VAGUS_PASSWORD");
    if (login.password.empty()) {
      throw UsageError("the password of " + options.user + " is expected in the environment: VAGUS_PASSWORD");
    }
  } else {
    login.token = environment("VAGUS_TOKEN");
  }
  return login.empty() ? plain : plain.login(login);
}

ArbOptions arb_options() {
  ArbOptions options;
  options.name = "vagus";
  return options;
}

}  // namespace

Connection::Connection(const ConnectionOptions& options)
    : timeout_(options.timeout), arb_(endpoint(options), arb_options()) {
  arb_.wait_open(timeout_);
  const auto peers = arb_.peers();
  if (peers.empty()) throw TransportDisconnectedError(options.url + " has closed the link again");
  peer_ = peers.front();
}

}  // namespace vagus::tools
