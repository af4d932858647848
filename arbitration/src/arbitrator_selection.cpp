// Whom a call goes to.

#include <algorithm>
#include <atomic>
#include <utility>

#include "arbitrator.hpp"

namespace vagus {

namespace {

template <typename Sessions>
std::string names_of(const Sessions& sessions) {
  std::string names;
  for (const auto& session : sessions) {
    if (!names.empty()) names += ", ";
    names += session->peer().name;
  }
  return names;
}

/// Do they all lead to the same ApiArb, or to the one server at our end-point?
template <typename Sessions>
bool are_of_one_peer(const Sessions& sessions) {
  const Session& first = *sessions.front();
  return std::all_of(sessions.begin(), sessions.end(), [&](const auto& session) {
    if (first.plain() != nullptr) return session->plain() != nullptr && session->url() == first.url();
    const Peer& peer = session->peer();
    // Whoever has seen the number may say it as well; not so the name under which somebody has logged in.
    return first.peer().incarnation != 0 && peer.incarnation == first.peer().incarnation &&
           peer.user == first.peer().user && peer.certificate == first.peer().certificate;
  });
}

template <typename Sessions>
Sessions links_to(const Sessions& sessions, std::uint64_t peer) {
  Sessions links;
  std::copy_if(sessions.begin(), sessions.end(), std::back_inserter(links),
               [&](const auto& session) { return session->peer().id == peer; });
  return links;
}

/// One link to each of the peers.
template <typename Sessions>
Sessions one_to_each(const Sessions& sessions) {
  Sessions one;
  for (const auto& session : sessions) {
    if (links_to(one, session->peer().id).empty()) one.push_back(session);
  }
  return one;
}

/// Counts the threads that ask, so that those few which call are spread evenly.
std::size_t number_of_this_thread() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

/// The link that the call came over which this thread handles; null if it handles none of a peer.
const Session* link_of_handled_call() noexcept {
  const detail::CallContext* const context = detail::current_context();
  if (context == nullptr) return nullptr;
  const auto* const handled = dynamic_cast<const RemoteCall*>(context->owner);
  return handled != nullptr ? &handled->session() : nullptr;
}

/// Which of several links to one peer is this thread's: what a thread sends keeps its order as long as they
/// stay the same. What comes back in a chain of calls takes the link of the call before: there it is waited
/// for.
template <typename Sessions>
std::shared_ptr<Session> link_of_this_thread(const Sessions& links) {
  if (links.size() == 1) return links.front();
  const Session* const handled = link_of_handled_call();
  for (const auto& link : links) {
    if (link.get() == handled) return link;
  }
  return links[number_of_this_thread() % links.size()];
}

}  // namespace

Arbitrator::Selection Arbitrator::select(const detail::Outgoing& call) {
  if (phase_.load() >= Phase::stopping) return {nullptr, stopped_error(*call.name_space)};
  if (ports_.size() == 1 && call.target.kind == detail::Target::Kind::automatic &&
      (call.root == nullptr || !call.root->bound())) {
    // The usual case of one link needs no list; the peer itself says if it does not handle the call.
    MutexLock lock(sessions_mutex_);
    if (open_.size() == 1) {
      auto only = open_.front();
      lock.unlock();
      const bool fits = only->takes_calls() && only->may_handle(*call.name_space);
      if (fits && !routing_.handles(*call.name_space)) return {std::move(only), nullptr};
    }
  }
  const std::string bound = call.root != nullptr ? call.root->bound_peer() : std::string();
  if (auto chosen = choose(call, open_sessions(bound))) return *std::move(chosen);
  // In this order: a link that opens in between is then among the candidates, or the call is parked, never
  // refused; one that ends in between is known as lost.
  Others others = others_of(bound, *call.name_space);
  Sessions candidates = open_sessions(bound);
  if (auto chosen = choose(call, candidates)) return *std::move(chosen);
  if (others.lost.empty()) others.lost = others_of(bound, *call.name_space).lost;
  const auto is_out = [&](const auto& session) {
    return !session->takes_calls() || !session->may_handle(*call.name_space);
  };
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(), is_out), candidates.end());
  return nobody(call, candidates, others);
}

Arbitrator::Others Arbitrator::others_of(std::string_view bound_peer, std::string_view name_space) const {
  MutexLock lock(sessions_mutex_);
  Others others;
  others.ever_open = bound_peer.empty() && ever_open_;
  for (const Port& port : ports_) {
    if (!bound_peer.empty() && port.endpoint.name() != bound_peer) continue;
    if (port.ever_open) others.ever_open = true;
    if (port.endpoint.side() == Side::body || is_open(port)) continue;
    if (!port.ever_open) others.may_come = port.url;
    const auto had = [&](const std::string& root) { return is_within(name_space, root); };
    if (port.plain_server.load()) others.lost_plain = port.url;
    if (std::any_of(port.lost_roots.begin(), port.lost_roots.end(), had)) others.lost = port.url;
  }
  return others;
}

bool Arbitrator::is_open(const Port& port) const {
  for (const auto& session : open_) {
    const auto found = sessions_.find(session->id());
    if (found != sessions_.end() && found->second.port == &port) return true;
  }
  return false;
}

std::optional<Arbitrator::Selection> Arbitrator::choose(const detail::Outgoing& call,
                                                        const Sessions& candidates) {
  const ErrorContext context{*call.name_space, {}, Execution::not_sent};
  if (call.target.kind == detail::Target::Kind::peer) {
    if (const Sessions links = links_to(candidates, call.target.peer); !links.empty()) {
      return Selection{link_of_this_thread(links), nullptr};
    }
    return Selection{nullptr,
                     make_error<TransportDisconnectedError>(
                         "the peer that " + *call.name_space + " was to go to is not connected", context)};
  }
  const Sessions several = handling(*call.name_space, candidates);
  if (several.empty()) return std::nullopt;
  return choose_among(call, several, candidates);
}

Arbitrator::Sessions Arbitrator::handling(std::string_view name_space, const Sessions& candidates) {
  Sessions those;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(those),
               [&](const auto& session) { return session->interest().handles(name_space); });
  return those;
}

Arbitrator::Sessions Arbitrator::hooking(std::string_view name_space, const Sessions& candidates,
                                         bool owned) {
  Sessions apis;
  Sessions all;
  for (const auto& session : candidates) {
    const PeerRights* const rights = session->rights();
    if (rights != nullptr && !rights->may_handle(name_space)) continue;
    const PeerInterest& interest = session->interest();
    if (interest.hooks(name_space)) apis.push_back(session);
    // What belongs to somebody's API is not for those who take what belongs to nobody.
    if (interest.catches_all() && (!owned || interest.owns(name_space))) all.push_back(session);
  }
  return apis.empty() ? all : apis;
}

Arbitrator::Sessions Arbitrator::plain_servers(const Sessions& candidates) {
  Sessions those;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(those),
               [](const auto& session) { return session->plain() != nullptr && session->plain()->serves(); });
  return those;
}

Arbitrator::Selection Arbitrator::choose_among(const detail::Outgoing& call, const Sessions& handling,
                                               const Sessions& candidates) {
  const auto link_to = [&](const std::shared_ptr<Session>& peer) {
    return Selection{link_of_this_thread(links_to(candidates, peer->peer().id)), nullptr};
  };
  const Sessions several = one_to_each(handling);
  // The same one twice: it has come back before the end of the former link was noticed.
  if (several.size() == 1 || are_of_one_peer(several)) return link_to(several.back());
  if (call.target.kind == detail::Target::Kind::all) return link_to(several.front());
  if (call.target.kind == detail::Target::Kind::any) {
    MutexLock lock(any_mutex_);
    return link_to(several[turns_of_any_[*call.name_space]++ % several.size()]);
  }
  const bool known = several.front()->interest().handles(*call.name_space);
  return {nullptr, make_error<MultipleApiResponseError>(
                       *call.name_space + (known ? " is handled by " : " may be handled by ") +
                           std::to_string(several.size()) + " peers (" + names_of(several) +
                           "): choose with .to(peer), .any() or .all()",
                       {*call.name_space, {}, Execution::not_sent})};
}

Arbitrator::Selection Arbitrator::nobody(const detail::Outgoing& call, const Sessions& candidates,
                                         const Others& others) {
  const std::string& name_space = *call.name_space;
  const ErrorContext context{name_space, {}, Execution::not_sent};
  if (routing_.handles(name_space)) {
    return {nullptr, make_error<UnsupportedApiError>(
                         name_space + " is handled by this process itself and by no peer: .local() calls it",
                         context)};
  }
  const bool owned = std::any_of(candidates.begin(), candidates.end(),
                                 [&](const auto& session) { return session->interest().owns(name_space); });
  const bool queued = call.when_down == WhenDown::queue;
  if (!owned && !others.lost.empty()) {
    if (queued) return {nullptr, nullptr, true};
    return {nullptr,
            make_error<TransportDisconnectedError>(
                others.lost + ", which had the API of " + name_space + ", is not connected", context)};
  }
  if (!owned && !others.may_come.empty()) return {nullptr, nullptr, others.ever_open};
  // What nobody else knows goes to whoever does not say what he knows.
  if (const Sessions servers = plain_servers(candidates); !owned && !servers.empty()) {
    return choose_among(call, servers, candidates);
  }
  if (!owned && !others.lost_plain.empty()) {
    if (queued) return {nullptr, nullptr, true};
    return {nullptr,
            make_error<TransportDisconnectedError>(
                others.lost_plain + ", which may handle " + name_space + ", is not connected", context)};
  }
  if (candidates.empty()) {
    if (!others.ever_open || queued) return {nullptr, nullptr, queued};
    return {nullptr, make_error<TransportDisconnectedError>(
                         "no peer is connected that could handle " + name_space, context)};
  }
  if (const Sessions hooked = hooking(name_space, candidates, owned); !hooked.empty()) {
    return choose_among(call, hooked, candidates);
  }
  // It knows best what to answer.
  if (one_to_each(candidates).size() == 1) return {link_of_this_thread(candidates), nullptr};
  if (owned) {
    return {nullptr, make_error<UnsupportedApiError>("no connected peer handles " + name_space, context)};
  }
  return {nullptr, make_error<UnknownApiError>(
                       "no connected peer has an API that " + name_space + " belongs to", context)};
}

Arbitrator::Sessions Arbitrator::listening_sessions(std::string_view bound_peer,
                                                    const detail::Outgoing& event) const {
  const bool aimed = event.target.kind == detail::Target::Kind::peer;
  const Sessions all = open_sessions(bound_peer);
  Sessions listening = one_to_each(all);
  // What it listens to it says on each link, and it may be known on another one already.
  const auto listens = [&](const std::shared_ptr<Session>& first, auto takes_event) {
    if (aimed && first->peer().id != event.target.peer) return false;
    // A plain peer cannot say what it listens to: who names it knows that.
    if (aimed && first->plain() != nullptr) return true;
    const Sessions links = links_to(all, first->peer().id);
    return std::any_of(links.begin(), links.end(),
                       [&](const auto& link) { return (*link.*takes_event)(*event.name_space); });
  };
  auto end = std::stable_partition(listening.begin(), listening.end(), [&](const auto& session) {
    return listens(session, &Session::takes_event);
  });
  // What was not declared to be an event, and is none to anybody, may be a call that somebody else handles.
  if (event.event || end != listening.begin()) {
    end = std::stable_partition(end, listening.end(), [&](const auto& session) {
      return listens(session, &Session::takes_event_by_pattern);
    });
  }
  listening.erase(end, listening.end());
  return listening;
}

bool Arbitrator::has_listener(std::string_view name_space) const {
  if (home_.left()) return false;
  const Sessions all = open_sessions({});
  return std::any_of(all.begin(), all.end(), [&](const auto& session) {
    return session->takes_event(name_space) || session->takes_event_by_pattern(name_space);
  });
}

bool Arbitrator::ever_open(std::string_view bound_peer) const {
  MutexLock lock(sessions_mutex_);
  if (bound_peer.empty()) return ever_open_;
  return std::any_of(ports_.begin(), ports_.end(),
                     [&](const Port& port) { return port.endpoint.name() == bound_peer && port.ever_open; });
}

std::shared_ptr<wire::Block> Arbitrator::borrow(const detail::ApiRoot& root, std::uint64_t peer,
                                                std::size_t size) {
  if (home_.left()) return nullptr;
  Sessions sessions = open_sessions(root.bound_peer());
  const auto keep_if = [&sessions](const auto& wanted) {
    sessions.erase(std::partition(sessions.begin(), sessions.end(), wanted), sessions.end());
  };
  if (peer != 0) keep_if([&](const auto& session) { return session->peer().id == peer; });
  if (sessions.size() > 1) {
    keep_if([&](const auto& session) { return session->interest().owns(root.name_space()); });
  }
  return one_to_each(sessions).size() == 1 ? link_of_this_thread(sessions)->borrow(size) : nullptr;
}

Result<std::vector<Peer>> Arbitrator::peers_that_handle(std::string_view name_space,
                                                        detail::ApiRoot* root) const {
  if (auto error = not_at_home(name_space)) return error;
  if (phase_.load() >= Phase::stopping) return stopped_error(name_space);
  const Sessions open = open_sessions(root != nullptr ? root->bound_peer() : std::string());
  Sessions asked = handling(name_space, open);
  if (asked.empty()) asked = plain_servers(open);
  std::vector<Peer> peers;
  for (const auto& session : asked) {
    if (std::find(peers.begin(), peers.end(), session->peer()) == peers.end())
      peers.push_back(session->peer());
  }
  return peers;
}

}  // namespace vagus
