// Who is let in, and who may do what. A peer that has to log in is known to nobody, is told nothing and may
// ask for nothing before it has; then it is *admitted*, as any other peer is from the beginning.

#include <algorithm>
#include <chrono>
#include <utility>

#include <vagus/core/name.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/pack.hpp>

#include "arbitrator.hpp"
#include "login_attempt.hpp"

namespace vagus {

namespace {

// Also for a body that many heads come back to at once, each of which it looks at for a part of a second.
constexpr Duration time_to_log_in = std::chrono::seconds(20);

/// For logs: a peer may send any bytes as a name.
std::string shown_name(std::string_view name) {
  constexpr std::size_t longest_shown = 200;
  const bool harmless = std::all_of(name.begin(), name.end(), [](char c) {
    return c == '.' || c == '*' || is_name(std::string_view(&c, 1)) || (c >= '0' && c <= '9');
  });
  return harmless && !name.empty() ? std::string(name.substr(0, longest_shown)) : "what is no name";
}

std::string shown_user(std::string_view user) {
  constexpr std::size_t longest_shown = 64;
  const bool printable = std::all_of(user.begin(), user.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return printable ? '"' + std::string(user.substr(0, longest_shown)) + '"' : "a user with an odd name";
}

/// A peer, as a log tells of it.
std::string described(const Session& session) {
  const Peer& peer = session.peer();
  std::string text = peer.name.empty() ? "a peer" : "the peer " + peer.name;
  const transport::Credentials credentials = session.credentials();
  if (!peer.user.empty()) text += ", logged in as " + shown_user(peer.user) + ",";
  if (!peer.certificate.empty()) text += " with the certificate " + peer.certificate;
  if (!credentials.address.empty()) text += " at " + credentials.address;
  if (credentials.process_id >= 0) text += " (process " + std::to_string(credentials.process_id) + ")";
  return text;
}

void answer_error(Session& session, std::uint32_t id, const ErrorPtr& error) {
  session.send_soon([&](wire::Writer& writer) {
    wire::begin_response(writer, id);
    if (const PlainPeer* const plain = session.plain()) {
      wire::pack_plain_error(writer, refusal_message(error), plain->errors());
    } else {
      wire::pack(writer, refusal_message(error));
    }
    writer.nil();
  });
}

}  // namespace

bool Arbitrator::demands_login(const Endpoint& endpoint, const ArbOptions& options) {
  const auto found = endpoint.url().options.find("login");
  if (found == endpoint.url().options.end()) return endpoint.side() == Side::body && options.users;
  if (endpoint.side() == Side::head || found->second != "no" || !options.users) {
    throw ApiParamError(endpoint.url().to_string() +
                        ": login=no is for a listener of an ApiArb that has users (ArbOptions::users)");
  }
  return false;
}

bool Arbitrator::asks_for_login(const Port& port, const wire::Hello& body) {
  const auto& capabilities = body.capabilities;
  return port.endpoint.side() == Side::head &&
         std::find(capabilities.begin(), capabilities.end(), login_capability) != capabilities.end();
}

bool Arbitrator::can_log_in(const Port& port, Connector* connector, const wire::Hello& body) {
  if (!asks_for_login(port, body) || !port.endpoint.login().empty()) return true;
  const auto refused = make_error<PermissionDeniedError>(
      port.url + " wants heads to log in, and this one has nothing to show: connect(url).login(...)");
  if (connector != nullptr) {
    connector->failed(refused);
  } else {
    rare_log_.warning(refused->what());  // one of any number of peers, for which nobody waits
  }
  return false;
}

void Arbitrator::let_in(const Port& port, const std::shared_ptr<Session>& session) {
  const bool asked_to = asks_for_login(port, session->hello());
  if (!port.logins_demanded && !asked_to) {
    admit(*session, {});
    if (session->plain() == nullptr) {
      session->start(encode(picture_for(*session)));
      return;
    }
    // It will say no more of itself than it has. Open before anything is read, so that whoever handles its
    // first request can send to it.
    session->start({});
    if (session->claim_open()) session_opened(session);
    return;
  }
  session->demand_admission(
      Deadline::after(time_to_log_in),
      asked_to ? make_error<ConnectionTimeoutError>("no answer to the login at " + port.url)
               : make_error<PermissionDeniedError>(session->peer().name + " did not log in at " + port.url));
  session->start(asked_to ? std::vector<Bytes>{encode_login(port.endpoint.login())} : std::vector<Bytes>());
}

void Arbitrator::admit(Session& session, const std::string& user) {
  std::unique_ptr<PeerRights> rights;
  if (permissions_) rights = std::make_unique<PeerRights>(*permissions_, session.credentials(), user);
  session.admit(std::move(rights), user, peer_of(session, user));
}

Interest Arbitrator::picture_for(const Session& session) const {
  Interest picture;
  picture.handles = routing_.handled_names();
  picture.listens = routing_.heard_names();
  picture.listens_to = pattern_listeners_.patterns();
  picture.roots = routing_.root_names();
  const auto hooked = routing_.hooked_names();
  picture.hooks.assign(hooked.begin(), hooked.end());
  if (has_unhandled_hook()) picture.catches_all = true;
  picture.complete = true;
  add_shapes(picture);
  if (const PeerRights* const rights = session.rights()) rights->restrict_told(picture);
  return picture;
}

// A peer that is not admitted yet
// ---------------------------------------------------------------------------------------------------

void Arbitrator::on_early_request(Session& session, const wire::Message& message) {
  if (message.method == "$auth" && session.side() == Side::body && session.claim_login()) {
    on_login(session, message);
    return;
  }
  counters_.permissions_denied.add();
  answer_error(
      session, message.id,
      make_error<PermissionDeniedError>("log in first, by $auth with a user and a password, or a token",
                                        {shown_name(message.method), {}, Execution::not_run}));
}

void Arbitrator::on_login(Session& session, const wire::Message& message) {
  Login login;
  try {
    login = decode_login(message.params);
  } catch (const wire::DecodeError& wrong) {
    login_refused(session, message.id, {}, make_error<ApiParamError>(wrong.what()));
    return;
  }
  const std::string user = login.user;
  logins_->attempt(login_origin(session.credentials()), std::move(login),
                   [weak = weak_from_this(), shared = session.shared_from_this(), id = message.id,
                    user](const Result<std::string>& outcome) {
                     const auto self = weak.lock();
                     if (!self) return;
                     try {
                       if (outcome) {
                         self->login_accepted(*shared, id, *outcome);
                       } else {
                         self->login_refused(*shared, id, user, outcome.error_pointer());
                       }
                     } catch (const std::exception& failure) {
                       self->log_.error(std::string("a login could not be answered: ") + failure.what());
                       shared->close_refused(make_error<TransportFinishedError>(failure.what()));
                     }
                   });
}

void Arbitrator::login_accepted(Session& session, std::uint32_t id, const std::string& user) {
  MutexLock announcing(interest_mutex_);
  admit(session, user);
  const bool plain = session.plain() != nullptr;
  if (plain && session.claim_open()) session_opened(session.shared_from_this());
  session.send_soon([&](wire::Writer& writer) {
    wire::begin_response(writer, id);
    writer.nil();
    writer.nil();
  });
  if (!plain) send_picture(session);
}

void Arbitrator::login_refused(Session& session, std::uint32_t id, const std::string& user,
                               const ErrorPtr& error) {
  counters_.logins_refused.add();
  rare_log_.warning(described(session) + " was not let in at " + session.url() +
                    (user.empty() ? ": " : " as " + shown_user(user) + ": ") + error->what());
  answer_error(session, id, error);
  session.close_refused(error);
}

void Arbitrator::send_picture(Session& session) {
  for (const Bytes& message : encode(picture_for(session))) {
    session.send_soon([&](wire::Writer& writer) { writer.raw(message); });
  }
}

// A body that has not admitted this side yet
// ------------------------------------------------------------------------------------------------

void Arbitrator::on_login_answer(Session& session, const wire::Message& message) {
  if (session.side() != Side::head || message.id != login_id) return;
  wire::Reader error(message.error);
  if (!error.try_nil()) {
    const auto refused = exceptions_.rebuild(wire::decode_error(error), {{}, {}, Execution::not_sent});
    session.close_refused(make_error(
        refused->code() == ErrorCode::overloaded ? ErrorCode::overloaded : ErrorCode::permission_denied,
        session.url() + ": " + refused->what(), {}));
    return;
  }
  MutexLock announcing(interest_mutex_);
  if (session.admitted()) return;
  admit(session, {});
  send_picture(session);
}

void Arbitrator::refused_by(Port& port, const ErrorPtr& error) {
  bool all_refused = true;
  {
    MutexLock lock(sessions_mutex_);
    ++port.refusals;
    port.refusal = error;
    opened_changed_.notify_all();
    for (const Port& each : ports_) {
      all_refused = all_refused && each.refusal != nullptr && !is_open(each);
    }
  }
  // What waits for this very endpoint, or for any while all of them say no, has its answer.
  for (const std::string& line : parked_.lines()) {
    if (!all_refused && (line.empty() || line != port.endpoint.name())) continue;
    while (const auto parked = parked_.take_oldest(line)) drop_parked(*parked, error);
  }
}

// What an admitted peer may not do
// -----------------------------------------------------------------------------------------------------------

ErrorPtr Arbitrator::denied(const Session& session, std::string_view what, std::string_view name_space) {
  return denied(session, std::string(what) + ' ' + shown_name(name_space),
                {is_namespace(name_space) ? name_space : std::string_view(), {}, Execution::not_run});
}

ErrorPtr Arbitrator::denied(const Session& session, const std::string& what, const ErrorContext& context) {
  counters_.permissions_denied.add();
  rare_log_.warning(described(session) + " may not " + what + " at " + session.url());
  return make_error<PermissionDeniedError>("this peer may not " + what, context);
}

void Arbitrator::restrict_announced(const Session& session, Interest& interest) {
  if (const PeerRights* const rights = session.rights()) {
    for (const std::string& name : rights->restrict_announced(interest)) {
      static_cast<void>(denied(session, "listen to", name));
    }
  }
}

}  // namespace vagus
