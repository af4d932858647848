// Links and peers: how they come, what both sides tell each other, how they go.

#include <algorithm>
#include <utility>

#include <vagus/core/fault_point.hpp>
#include <vagus/wire/message.hpp>

#include "arbitrator.hpp"

namespace vagus {

transport::TransportContext Arbitrator::transport_context(const Port& port) {
  wire::Hello hello;
  hello.name = name_;
  hello.role = port.endpoint.side() == Side::head ? wire::Role::head : wire::Role::body;
  hello.incarnation = incarnation_;
  hello.max_message_size = options_.max_message_size;
  hello.max_pending = options_.max_pending;
  return {loop_, log_, std::move(hello), limits_, options_.max_links};
}

void Arbitrator::start_port(Port& port) {
  const auto add = [this, &port](std::unique_ptr<transport::Link> link) { add_link(port, std::move(link)); };
  if (port.endpoint.side() == Side::body) {
    port.listener = port.transport->listen(port.endpoint.url(), transport_context(port), add);
    return;
  }
  emit({LinkState::connecting, port.url, {}, nullptr, false});
  port.connector =
      std::make_shared<Connector>(port.transport, port.endpoint.url(), transport_context(port), add);
  port.connector->start();
}

void Arbitrator::add_link(Port& port, std::unique_ptr<transport::Link> link) {
  if (phase_.load() >= Phase::stopping) return;
  const wire::Hello& hello = link->peer_hello();
  const transport::Credentials credentials = link->peer_credentials();
  std::shared_ptr<Session> session;
  // Held over both: whatever changes meanwhile is announced after this picture, or is in it.
  MutexLock announcing(interest_mutex_);
  {
    MutexLock lock(sessions_mutex_);
    const std::uint64_t id = next_session_++;
    Peer peer{id,
              hello.name,
              port.endpoint.name(),
              opposite(port.endpoint.side()),
              hello.incarnation,
              credentials.process_id,
              credentials.user_id};
    session = std::make_shared<Session>(*this, id, std::move(link), port.endpoint.side(), std::move(peer),
                                        port.url, options_.max_unsent);
    sessions_.emplace(id, Linked{session, &port});
  }
  Interest picture;
  picture.handles = routing_.handled_names();
  picture.listens = routing_.heard_names();
  picture.roots = routing_.root_names();
  picture.complete = true;
  VAGUS_FAULT_POINT("open.before_picture");
  session->start(encode(picture));
}

void Arbitrator::announce(const Interest& interest) {
  const auto messages = encode(interest);
  if (messages.empty()) return;
  Sessions sessions;
  {
    MutexLock lock(sessions_mutex_);
    for (const auto& [id, linked] : sessions_) sessions.push_back(linked.session);
  }
  for (const auto& session : sessions) {
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
  announce(interest);
}

void Arbitrator::unclaim(const detail::ApiRoot& root, const std::string& name_space) noexcept {
  if (home_.left()) return;
  MutexLock lock(interest_mutex_);
  if (!routing_.unclaim(root, name_space)) return;
  Interest interest;
  interest.unhandles.push_back(name_space);
  announce(interest);
}

void Arbitrator::listen(const std::shared_ptr<detail::ApiRoot>& root, const std::string& name_space) {
  check_home();
  MutexLock lock(interest_mutex_);
  if (!routing_.listen(*root, name_space)) return;
  Interest interest;
  interest.listens.push_back(name_space);
  announce(interest);
}

void Arbitrator::unlisten(const detail::ApiRoot& root, const std::string& name_space) noexcept {
  if (home_.left()) return;
  MutexLock lock(interest_mutex_);
  if (!routing_.unlisten(root, name_space)) return;
  Interest interest;
  interest.unlistens.push_back(name_space);
  announce(interest);
}

void Arbitrator::apply_interest(Session& session, std::span<const std::byte> params) {
  VAGUS_FAULT_POINT("open.picture_received");
  const Interest interest = decode_interest(params);
  session.interest().apply(interest);
  if (interest.complete && session.claim_open()) session_opened(session.shared_from_this());
}

void Arbitrator::session_opened(const std::shared_ptr<Session>& session) {
  LinkEvent event{LinkState::open, session->url(), session->peer(), nullptr, false};
  {
    MutexLock lock(sessions_mutex_);
    const auto found = sessions_.find(session->id());
    if (found == sessions_.end()) return;
    open_.push_back(session);
    ever_open_ = true;
    found->second.port->ever_open = true;
    Port& port = *found->second.port;
    const auto before = std::exchange(port.incarnation, session->peer().incarnation);
    event.peer_restarted = port.endpoint.side() == Side::head && before != 0 && before != port.incarnation;
    opened_changed_.notify_all();
    counters_.links_opened.add();
    emit(std::move(event));  // likewise, see session_ended()
  }
  // Not where the listeners run: one of them may wait for the very calls that are sent here.
  loop_.post(
      [self = shared_from_this(), endpoint = session->peer().endpoint] { self->send_all_parked(endpoint); });
}

void Arbitrator::session_ended(const std::shared_ptr<Session>& session, const ErrorPtr& reason) {
  Port* port = nullptr;
  {
    MutexLock lock(sessions_mutex_);
    const auto found = sessions_.find(session->id());
    if (found == sessions_.end()) return;  // ended by stop() already
    port = found->second.port;
    sessions_.erase(found);
    if (const auto place = std::find(open_.begin(), open_.end(), session); place != open_.end()) {
      open_.erase(place);
      port->lost_roots = session->interest().roots_so_far();
      counters_.links_lost.add();
      // Told under the lock: who finds it gone, and tells what comes after, comes after.
      emit({LinkState::disconnected, session->url(), session->peer(), reason, false});
    }
  }
  for (const auto& transaction : transactions_.end_link(session->id())) {
    if (resend(transaction)) continue;
    transaction->fail(with_context(reason, transaction->context(Execution::unknown)));
    deadlines_.remove(*transaction);
  }
  session->stop_handled();
  if (reason->code() == ErrorCode::protocol) {
    log_.warning("the link to " + session->peer().name + " at " + session->url() +
                 " was closed: " + reason->what());
  }
  if (phase_.load() >= Phase::stopping) return;
  if (port->connector) port->connector->lost();
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
  for (const auto& session : open_) peers.push_back(session->peer());
  return peers;
}

std::string Arbitrator::missing_ports() const {
  std::string missing;
  for (const Port& port : ports_) {
    if (is_open(port)) continue;
    if (!missing.empty()) missing += "; ";
    missing += port.url;
    if (port.endpoint.side() == Side::body) {
      missing += ": no head has connected";
    } else if (const auto error = port.connector ? port.connector->last_error() : nullptr) {
      missing += std::string(": ") + error->what();
    }
  }
  return missing;
}

void Arbitrator::wait_open(Duration duration) {
  start();
  const Deadline deadline = Deadline::after(duration);
  MutexLock lock(sessions_mutex_);
  for (;;) {
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
