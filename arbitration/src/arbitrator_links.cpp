// Links and peers: how they come, what both sides tell each other, how they go.

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <vagus/core/fault_point.hpp>
#include <vagus/wire/message.hpp>

#include "arbitrator.hpp"
#include "login_attempt.hpp"

namespace vagus {

namespace {

constexpr std::size_t max_connections = 64;

// Of a hello: this link is one of several, which are one peer.
constexpr std::string_view connections_capability = "connections";

std::size_t take_connections(Url& url, Side side) {
  const auto found = url.options.find("connections");
  if (found == url.options.end()) return 1;
  const std::string& text = found->second;
  std::size_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || number < 1 ||
      number > max_connections) {
    throw ApiParamError(url.to_string() + ": connections=" + text + " is not a number from 1 to " +
                        std::to_string(max_connections));
  }
  if (side == Side::body) {
    throw ApiParamError(url.to_string() +
                        ": connections is for who connects; who listens takes as many as come");
  }
  url.options.erase(found);
  return number;
}

}  // namespace

Arbitrator::Port::Port(Endpoint where, const ArbOptions& options)
    : endpoint(std::move(where)),
      url(endpoint.url().to_string()),
      link_url(endpoint.url()),
      plain(std::make_shared<const PlainPeerOptions>(PlainPeerOptions::from(endpoint.url()))),
      connections(take_connections(link_url, endpoint.side())),
      logins_demanded(demands_login(endpoint, options)) {
  link_url.options.erase("login");
}

void Arbitrator::Port::stop_connecting() {
  for (const auto& connector : connectors) connector->stop();
}

ErrorPtr Arbitrator::Port::last_error() const {
  for (const auto& connector : connectors) {
    if (auto error = connector->last_error()) return error;
  }
  return nullptr;
}

transport::TransportContext Arbitrator::transport_context(const Port& port) {
  wire::Hello hello;
  hello.name = name_;
  hello.role = port.endpoint.side() == Side::head ? wire::Role::head : wire::Role::body;
  hello.incarnation = incarnation_;
  hello.max_message_size = options_.max_message_size;
  hello.max_pending = options_.max_pending;
  if (port.connections > 1) hello.capabilities.emplace_back(connections_capability);
  if (port.logins_demanded) hello.capabilities.emplace_back(login_capability);
  return {loop_, log_, std::move(hello), limits_, options_.max_links, port.logins_demanded};
}

void Arbitrator::start_port(Port& port) {
  if (port.endpoint.side() == Side::head) emit({LinkState::connecting, port.url, {}, nullptr, false});
  if (port.endpoint.side() == Side::body || port.transport->finds_many()) {
    port.listener = port.transport->listen(
        port.link_url, transport_context(port),
        [this, &port](std::unique_ptr<transport::Link> link) { add_link(port, nullptr, std::move(link)); });
    return;
  }
  for (std::size_t number = 0; number < port.connections; ++number) {
    // All are made before the first is started: from then on nobody changes their list.
    port.connectors.push_back(std::make_shared<Connector>(
        port.transport, port.link_url, transport_context(port),
        [this, &port, number](std::unique_ptr<transport::Link> link) {
          add_link(port, port.connectors[number], std::move(link));
        },
        [this, &port, number](const ErrorPtr& error, bool is_news) {
          // Once for all links of one endpoint.
          if (is_news && number == 0) emit({LinkState::connecting, port.url, {}, error, false});
          if (error->code() == ErrorCode::permission_denied) refused_by(port, error);
        }));
  }
  for (const auto& connector : port.connectors) connector->start();
}

std::optional<std::uint64_t> Arbitrator::peer_of_other_links(
    const Port& port, const wire::Hello& hello, const transport::Credentials& credentials) const {
  const auto& capabilities = hello.capabilities;
  const bool one_of_several = port.connections > 1 || std::find(capabilities.begin(), capabilities.end(),
                                                                connections_capability) != capabilities.end();
  const bool plain = hello.version == 0;  // has no incarnation: what answers at our end-point is one peer
  if (!one_of_several || (hello.incarnation == 0 && !plain)) return std::nullopt;
  for (const auto& [id, linked] : sessions_) {
    const Peer& peer = linked.session->peer();
    if (linked.port == &port && peer.incarnation == hello.incarnation &&
        peer.process_id == credentials.process_id && peer.user_id == credentials.user_id &&
        peer.certificate == credentials.certificate_name) {
      return peer.id;
    }
  }
  return std::nullopt;
}

bool Arbitrator::has_open_link(std::uint64_t peer) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const auto& session) { return session->peer().id == peer; });
}

void Arbitrator::add_link(Port& port, const std::shared_ptr<Connector>& connector,
                          std::unique_ptr<transport::Link> link) {
  if (phase_.load() >= Phase::stopping) return;
  const wire::Hello& hello = link->peer_hello();
  if (!can_log_in(port, connector.get(), hello)) return;
  const transport::Credentials credentials = link->peer_credentials();
  const bool plain = hello.version == 0;
  std::optional<PlainPeer> plain_peer;
  if (plain) plain_peer.emplace(port.plain, port.endpoint.side() == Side::head);
  std::shared_ptr<Session> session;
  // Held over both: whatever changes meanwhile is announced after this picture, or is in it.
  MutexLock announcing(interest_mutex_);
  {
    MutexLock lock(sessions_mutex_);
    const std::uint64_t id = next_session_++;
    Peer peer{peer_of_other_links(port, hello, credentials).value_or(id),
              plain ? "plain-" + std::to_string(id) : hello.name,
              port.endpoint.name(),
              opposite(port.endpoint.side()),
              hello.incarnation,
              credentials.process_id,
              credentials.user_id,
              plain,
              {},
              credentials.certificate_name};
    session = std::make_shared<Session>(*this, id, std::move(link), port.endpoint.side(), std::move(peer),
                                        port.url, options_.max_unsent, std::move(plain_peer));
    sessions_.emplace(id, Linked{session, &port, connector});
  }
  VAGUS_FAULT_POINT("open.before_picture");
  let_in(port, session);
  session->begin_reading();
}

void Arbitrator::announce(Interest interest) {
  Sessions sessions;
  {
    MutexLock lock(sessions_mutex_);
    for (const auto& [id, linked] : sessions_) {
      if (linked.session->plain() == nullptr) sessions.push_back(linked.session);
    }
  }
  if (sessions.empty()) return;
  add_shapes(interest);
  const auto messages = encode(interest);
  for (const auto& session : sessions) {
    if (!session->admitted()) continue;  // it gets all of it when it is
    if (const PeerRights* const rights = session->rights()) {
      Interest told = interest;
      rights->restrict_told(told);
      for (const Bytes& message : encode(told)) {
        session->send_soon([&](wire::Writer& writer) { writer.raw(message); });
      }
      continue;
    }
    for (const Bytes& message : messages) {
      session->send_soon([&](wire::Writer& writer) { writer.raw(message); });
    }
  }
}

// Changes of what this side handles and hears: each is announced in the order in which it was made, so that
// what a thread has changed precedes its later calls on every link.

void Arbitrator::claim(const std::shared_ptr<detail::ApiRoot>& root, const std::string& name_space,
                       const std::shared_ptr<detail::HandlerSlot>& slot) {
  check_home();
  MutexLock lock(interest_mutex_);
  routing_.claim(*root, name_space, slot);
  Interest interest;
  interest.handles.push_back(name_space);
  announce(std::move(interest));
}

void Arbitrator::unclaim(const detail::ApiRoot& root, const std::string& name_space) noexcept {
  if (home_.left()) return;
  MutexLock lock(interest_mutex_);
  if (!routing_.unclaim(root, name_space)) return;
  Interest interest;
  interest.unhandles.push_back(name_space);
  announce(std::move(interest));
}

bool Arbitrator::listen(const std::shared_ptr<detail::ApiRoot>& root, const std::string& name_space) {
  check_home();
  MutexLock lock(interest_mutex_);
  if (!routing_.listen(*root, name_space)) return false;
  Interest interest;
  interest.listens.push_back(name_space);
  announce(std::move(interest));
  return true;
}

void Arbitrator::unlisten(const detail::ApiRoot& root, const std::string& name_space) noexcept {
  if (home_.left()) return;
  MutexLock lock(interest_mutex_);
  if (!routing_.unlisten(root, name_space)) return;
  Interest interest;
  interest.unlistens.push_back(name_space);
  announce(std::move(interest));
}

void Arbitrator::hook_changed(const std::string& name_space) {
  if (home_.left() || name_space.empty()) return;
  MutexLock lock(interest_mutex_);
  Interest interest;
  (routing_.hooked_names().contains(name_space) ? interest.hooks : interest.unhooks).push_back(name_space);
  announce(std::move(interest));
}

void Arbitrator::apply_interest(Session& session, std::span<const std::byte> params) {
  VAGUS_FAULT_POINT("open.picture_received");
  Interest interest = decode_interest(params);
  restrict_announced(session, interest);
  session.interest().apply(interest);
  compare_contracts(session, interest);
  if (session.opened()) {
    send_retained(session, &interest);
  } else if (interest.complete && session.claim_open()) {
    session_opened(session.shared_from_this());
  }
}

void Arbitrator::session_opened(const std::shared_ptr<Session>& session) {
  LinkEvent event{LinkState::open, session->url(), session->peer(), nullptr, false};
  bool first = false;
  {
    MutexLock lock(sessions_mutex_);
    const auto found = sessions_.find(session->id());
    if (found == sessions_.end()) return;
    first = !has_open_link(session->peer().id);
    open_.push_back(session);
    found->second.port->refusal = nullptr;
    Port& port = *found->second.port;
    if (session->takes_calls()) {
      ever_open_ = true;
      port.ever_open = true;
    }
    port.plain_server = session->plain() != nullptr && session->plain()->serves();
    const auto before = std::exchange(port.incarnation, session->peer().incarnation);
    event.peer_restarted = !port.connectors.empty() && before != 0 && before != port.incarnation;
    opened_changed_.notify_all();
    counters_.links_opened.add();
    if (first) emit(std::move(event));  // likewise, see session_ended()
  }
  if (first) send_retained(*session, nullptr);
  // Not where the listeners run: one of them may wait for the very calls that are sent here.
  loop_.post(
      [self = shared_from_this(), endpoint = session->peer().endpoint] { self->send_all_parked(endpoint); });
}

void Arbitrator::session_ended(const std::shared_ptr<Session>& session, const ErrorPtr& reason) {
  std::shared_ptr<Connector> connector;
  {
    MutexLock lock(sessions_mutex_);
    const auto found = sessions_.find(session->id());
    if (found == sessions_.end()) return;  // ended by stop() already
    Port* const port = found->second.port;
    connector = std::move(found->second.connector);
    sessions_.erase(found);
    if (const auto place = std::find(open_.begin(), open_.end(), session); place != open_.end()) {
      open_.erase(place);
      counters_.links_lost.add();
      if (!has_open_link(session->peer().id)) {
        port->lost_roots = session->interest().roots_so_far();
        // Told under the lock: who finds it gone, and tells what comes after, comes after.
        emit({LinkState::disconnected, session->url(), session->peer(), reason, false});
      }
    }
  }
  for (const auto& transaction : transactions_.end_link(session->id())) {
    if (resend(transaction)) continue;
    transaction->fail(with_context(reason, transaction->context(Execution::unknown)));
    deadlines_.remove(*transaction);
  }
  session->stop_handled();
  observing_->end_measuring_for(session->id());
  if (reason->code() == ErrorCode::protocol) {
    log_.warning("the link to " + session->peer().name + " at " + session->url() +
                 " was closed: " + reason->what());
  }
  if (connector && phase_.load() < Phase::stopping) {
    const bool refused = !session->opened() && (reason->code() == ErrorCode::permission_denied ||
                                                reason->code() == ErrorCode::overloaded);
    refused ? connector->failed(reason) : connector->lost();
  }
  loop_.post([session, reason] { session->stop(reason); });
}

void Arbitrator::emit(LinkEvent event) { state_listeners_.emit(std::move(event)); }

std::shared_ptr<Session> Arbitrator::find_session(std::uint64_t id) const {
  MutexLock lock(sessions_mutex_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.session;
}

Arbitrator::Sessions Arbitrator::open_sessions(std::string_view bound_peer) const {
  MutexLock lock(sessions_mutex_);
  if (bound_peer.empty()) return open_;
  Sessions bound;
  std::copy_if(open_.begin(), open_.end(), std::back_inserter(bound),
               [&](const auto& session) { return session->peer().endpoint == bound_peer; });
  return bound;
}

bool Arbitrator::connected() const {
  if (home_.left()) return false;
  MutexLock lock(sessions_mutex_);
  return !open_.empty();
}

std::vector<Peer> Arbitrator::peers() const {
  if (home_.left()) return {};
  MutexLock lock(sessions_mutex_);
  std::vector<Peer> peers;
  for (const auto& session : open_) {
    if (std::find(peers.begin(), peers.end(), session->peer()) == peers.end())
      peers.push_back(session->peer());
  }
  return peers;
}

std::string Arbitrator::missing_ports() const {
  std::string missing;
  for (const Port& port : ports_) {
    if (is_open(port)) continue;
    if (!missing.empty()) missing += "; ";
    if (port.endpoint.side() == Side::body) {
      missing += port.url + ": no head has connected";
    } else if (port.transport->finds_many()) {
      missing += port.url + ": nobody has answered";
    } else if (const auto error = port.last_error()) {
      const std::string reason = error->what();
      missing += (reason.starts_with(port.url) ? "" : port.url + ": ") + reason;
    } else {
      missing += port.url;
    }
  }
  return missing;
}

void Arbitrator::wait_open(Duration duration) {
  start();
  const Deadline deadline = Deadline::after(duration);
  MutexLock lock(sessions_mutex_);
  std::map<const Port*, std::uint64_t> refused_before;
  for (const Port& port : ports_) refused_before[&port] = port.refusals;
  for (;;) {
    for (const Port& port : ports_) {
      // To wait does not help against that.
      if (port.refusal && port.refusals != refused_before[&port]) port.refusal->raise();
    }
    if (phase_.load() >= Phase::stopping) throw TransportFinishedError("the ApiArb was stopped");
    const std::string missing = missing_ports();
    if (missing.empty()) return;
    if (deadline.passed()) {
      const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
      throw ConnectionTimeoutError("not open after " + std::to_string(waited) + " ms: " + missing);
    }
    wait_until(opened_changed_, lock, deadline);
  }
}

}  // namespace vagus
