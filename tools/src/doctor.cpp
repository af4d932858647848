// Why somebody cannot be reached.

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include <vagus/core/suggestions.hpp>
#include <vagus/transport/transport.hpp>

#include "commands.hpp"
#include "diagnosis.hpp"
#include "doctor_checks.hpp"
#include "figures.hpp"

namespace vagus::tools {

namespace {

std::optional<Url> check_url(Diagnosis& diagnosis, const std::string& text) {
  try {
    Url url = Url::parse(text);
    const auto schemes = transport::TransportRegistry::builtin().schemes();
    if (std::find(schemes.begin(), schemes.end(), url.scheme) != schemes.end()) {
      diagnosis.ok(url.to_string() + " is well-formed, and " + url.scheme + ":// is known");
      return url;
    }
    std::string known;
    for (const std::string& scheme : schemes) known += (known.empty() ? "" : ", ") + scheme + "://";
    diagnosis.wrong(url.scheme + ":// is not known" + did_you_mean(url.scheme, schemes), "there are " + known,
                    ExitCode::usage);
  } catch (const ApiParamError& error) {
    diagnosis.wrong(error.what(), "write it as shm://name, unix:///path or tcp://host:port", ExitCode::usage);
  }
  return std::nullopt;
}

std::string login_remedy(const ConnectionOptions& options) {
  if (!options.user.empty())
    return "is the password in VAGUS_PASSWORD the right one, and " + options.user +
           " among the users of the body?";
  if (std::getenv("VAGUS_TOKEN") != nullptr) return "is the token in VAGUS_TOKEN one that the body knows?";
  return "if it asks for a login: --user NAME with the password in VAGUS_PASSWORD, or a token in "
         "VAGUS_TOKEN; "
         "if not, its URL says whom it lets in (users, groups, client_certificate)";
}

/// Says why there is no link.
void explain(Diagnosis& diagnosis, const Error& error, const ConnectionOptions& options,
             const std::optional<transport::LocalAddress>& address) {
  const std::string what = error.what();
  switch (error.code()) {
    case ErrorCode::permission_denied:
      diagnosis.wrong("it does not let this side in: " + what, login_remedy(options), ExitCode::denied);
      break;
    case ErrorCode::api_param:
      diagnosis.wrong(what, "correct the URL", ExitCode::usage);
      break;
    case ErrorCode::connection_timeout:
      if (address && address->listener) {
        diagnosis.wrong("the body does not answer: " + what, silence_remedy(*address->listener),
                        ExitCode::not_connected);
      } else {
        diagnosis.wrong("no link within " + short_time(options.timeout) + ": " + what,
                        "start the body; is it this host and port, and does a firewall stand between?",
                        ExitCode::not_connected);
      }
      break;
    default:
      diagnosis.wrong(what, "is it a program that is split with Vagus, and of a version like this one's?",
                      ExitCode::not_connected);
  }
}

void check_answers(Diagnosis& diagnosis, Connection& connection) {
  const Peer& peer = connection.peer();
  if (peer.plain) {
    diagnosis.note(peer.name + " speaks MessagePack-RPC and no more", "vagus call works, nothing else does");
    return;
  }
  const Duration time = connection.arb().ping(peer, connection.timeout());
  diagnosis.ok(peer.name + " answers a ping in " + short_time(time));
  const Description told = connection.describe("**");
  if (told.library == VAGUS_VERSION) {
    diagnosis.ok("both sides are Vagus " + told.library);
  } else {
    diagnosis.note(peer.name + " is Vagus " + told.library + ", this is " VAGUS_VERSION,
                   "they understand each other, but either may lack what the other has");
  }
  check_offer(diagnosis, told);
}

void check_link(Diagnosis& diagnosis, const ConnectionOptions& options,
                const std::optional<transport::LocalAddress>& address) {
  std::optional<Connection> connection;
  try {
    connection.emplace(options);
  } catch (const Error& error) {
    explain(diagnosis, error, options, address);
    return;
  }
  const Peer& peer = connection->peer();
  diagnosis.ok("the link to " + peer.name + " is open" + (peer.user.empty() ? "" : ", logged in"));
  try {
    check_answers(diagnosis, *connection);
  } catch (const Error& error) {
    const bool silent = error.code() == ErrorCode::transaction_timeout;
    const bool known = silent && address && address->listener;
    diagnosis.wrong(error.what(),
                    known    ? silence_remedy(*address->listener)
                    : silent ? "is it halted, or too busy to answer?"
                             : "vagus describe and call tell more",
                    silent ? ExitCode::timed_out : ExitCode::failed);
  }
}

}  // namespace

ExitCode doctor(const ConnectionOptions& connection, const DoctorOptions& options) {
  Diagnosis diagnosis(options.json);
  if (!connection.url.empty()) {
    if (const auto url = check_url(diagnosis, connection.url)) {
      const auto address = check_address(diagnosis, *url);
      if (diagnosis.all_is_well()) check_link(diagnosis, connection, address);
    }
  }
  check_surroundings(diagnosis);
  return diagnosis.finish();
}

}  // namespace vagus::tools
