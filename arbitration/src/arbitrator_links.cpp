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

/// A name that a log or a terminal may show as it is: a peer may send any bytes, in UTF-8 or not, those that
/// begin a new line or a sequence for terminals among them.
std::string harmless(std::string name) {
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  // The further control characters of Unicode, U+0080 to U+009F.
  for (std::size_t at = 0; (at = name.find('\xc2', at)) != std::string::npos; ++at) {
    if (at + 1 < name.size() && static_cast<unsigned char>(name[at + 1]) < 0xa0) name.replace(at, 2, "?");
  }
  return name;
}

/// May what somebody waits for be handled now?
bool may_handle_more(const Interest& announced) {
  return !announced.handles.empty() || !announced.roots.empty() || !announced.hooks.empty() ||
         announced.catches_all.value_or(false);
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

void Arbitrator::Port::forget_links() {
  ever_open = false;
  plain_server = false;
  incarnation = 0;
  lost_roots.clear();
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

std::uint64_t Arbitrator::peer_of(const Session& session, const std::string& user) const {
  MutexLock lock(sessions_mutex_);
  const Peer& own = session.peer();
  const auto place = sessions_.find(session.id());
  if (place == sessions_.end()) return own.id;
  const Port* const port = place->second.port;
  const auto& capabilities = session.hello().capabilities;
  const bool one_of_several =
      port->connections > 1 ||
      std::find(capabilities.begin(), capabilities.end(), connections_capability) != capabilities.end();
  // A plain one has no incarnation: what answers at our end-point is one peer.
  if (!one_of_several || (own.incarnation == 0 && !own.plain)) return own.id;
  for (const auto& [id, linked] : sessions_) {
    const Peer& peer = linked.session->peer();
    if (id != session.id() && linked.port == port && peer.incarnation == own.incarnation &&
        peer.process_id == own.process_id && peer.user_id == own.user_id &&
        peer.certificate == own.certificate && peer.user == user) {
      return peer.id;
    }
  }
  return own.id;
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
    Peer peer{id,
              plain ? "plain-" + std::to_string(id) : harmless(hello.name),
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
  try {
    let_in(port, session);
  } catch (const std::exception& failure) {
    session->cut_off("it cannot be told what is handled here", failure);
  }
  session->begin_reading();  // also if it was closed: so it is found, and is gone
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
  const auto tell = [](Session& session, const std::vector<Bytes>& all) {
    for (const Bytes& message : all) {
      session.send_soon([&](wire::Writer& writer) { writer.raw(message); });
    }
  };
  for (const auto& session : sessions) {
    if (!session->admitted()) continue;  // it gets all of it when it is
    try {
      if (const PeerRights* const rights = session->rights()) {
        Interest told = interest;
        rights->restrict_told(told);
        tell(*session, encode(told));
      } else {
        tell(*session, messages);
      }
    } catch (const std::exception& failure) {
      session->cut_off("it cannot be told what has changed here", failure);
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
    if (may_handle_more(interest)) peer_handles_more(session.peer().endpoint);
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
    event.peer_restarted = session->side() == Side::head && before != 0 && before != port.incarnation;
    opened_changed_.notify_all();
    counters_.links_opened.add();
    ++chances_;
    if (first) emit(std::move(event));  // likewise, see session_ended()
  }
  if (first) send_retained(*session, nullptr);
  // Not where the listeners run: one of them may wait for the very calls that are sent here.
  loop_.post(
      [self = shared_from_this(), endpoint = session->peer().endpoint] { self->send_all_parked(endpoint); });
}

void Arbitrator::peer_handles_more(const std::string& endpoint) {
  {
    MutexLock lock(sessions_mutex_);
    ++chances_;
    opened_changed_.notify_all();
  }
  if (!parked_.any()) return;
  loop_.post([self = shared_from_this(), endpoint] { self->send_all_parked(endpoint); });
}

void Arbitrator::session_ended(const std::shared_ptr<Session>& session, const ErrorPtr& reason) {
  std::shared_ptr<Connector> connector;
  bool has_another = false;
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
      has_another = has_open_link(session->peer().id);
      if (!has_another) {
        port->lost_roots = session->interest().roots_so_far();
        // Told under the lock: who finds it gone, and tells what comes after, comes after.
        emit({LinkState::disconnected, session->url(), session->peer(), reason, false});
      }
    }
  }
  for (const auto& transaction : transactions_.end_link(session->id())) {
    if (resend(transaction)) continue;
    transaction->fail(with_context(reason, transaction->context(Execution::unknown)));
    leave_ended(transaction);
  }
  // What was to go over it may find another link, or wait for one. Not here: this may be anybody's thread,
  // which happens to read.
  if (session->opened() && parked_.any()) {
    loop_.post([self = shared_from_this(), endpoint = session->peer().endpoint] {
      self->send_all_parked(endpoint);
    });
  }
  if (has_another) {
    loop_.post([self = shared_from_this(), session] {
      self->ask_for_last();
      self->send_retained(*session, nullptr);
    });
  }
  session->stop_handled();
  observing_->end_measuring_for(session->id());
  if (reason->code() == ErrorCode::protocol) {
    log_.warning("the link to " + session->peer().name + " at " + session->url() +
                 " was closed: " + reason->what());
  }
  if (connector && phase_.load() < Phase::stopping) {
    const bool refused = !session->opened() && (reason->code() == ErrorCode::permission_denied ||
                                                reason->code() == ErrorCode::overloaded ||
                                                reason->code() == ErrorCode::message_too_large);
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

Arbitrator::Sessions Arbitrator::all_sessions() const {
  MutexLock lock(sessions_mutex_);
  Sessions sessions;
  for (const auto& [id, linked] : sessions_) sessions.push_back(linked.session);
  return sessions;
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
