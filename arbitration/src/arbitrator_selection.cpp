// Whom a call goes to.

#include <algorithm>
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

/// Do they all lead to the same ApiArb?
template <typename Sessions>
bool are_of_one_peer(const Sessions& sessions) {
  const auto incarnation = sessions.front()->peer().incarnation;
  return incarnation != 0 && std::all_of(sessions.begin(), sessions.end(), [&](const auto& session) {
           return session->peer().incarnation == incarnation;
         });
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
      if (!routing_.handles(*call.name_space)) return {std::move(only), nullptr};
    }
  }
  const std::string bound = call.root != nullptr ? call.root->bound_peer() : std::string();
  if (auto chosen = choose(call, open_sessions(bound))) return *std::move(chosen);
  // In this order: a link that opens in between is then among the candidates, or the call is parked, never
  // refused; one that ends in between is known as lost.
  Others others = others_of(bound, *call.name_space);
  const Sessions candidates = open_sessions(bound);
  if (auto chosen = choose(call, candidates)) return *std::move(chosen);
  if (others.lost.empty()) others.lost = others_of(bound, *call.name_space).lost;
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
    for (const auto& session : candidates) {
      if (session->id() == call.target.peer) return Selection{session, nullptr};
    }
    return Selection{nullptr,
                     make_error<TransportDisconnectedError>(
                         "the peer that " + *call.name_space + " was to go to is not connected", context)};
  }
  Sessions handling;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(handling),
               [&](const auto& session) { return session->interest().handles(*call.name_space); });
  if (handling.empty()) return std::nullopt;
  // Several links to one peer: it has come back before the end of the former one was noticed, say.
  if (handling.size() == 1 || are_of_one_peer(handling)) return Selection{handling.back(), nullptr};
  if (call.target.kind == detail::Target::Kind::any) {
    MutexLock lock(any_mutex_);
    return Selection{handling[turns_of_any_[*call.name_space]++ % handling.size()], nullptr};
  }
  return Selection{nullptr,
                   make_error<MultipleApiResponseError>(
                       *call.name_space + " is handled by " + std::to_string(handling.size()) + " peers (" +
                           names_of(handling) + "): choose with .to(peer), .any() or .all()",
                       context)};
}

Arbitrator::Selection Arbitrator::nobody(const detail::Outgoing& call, const Sessions& candidates,
                                         const Others& others) const {
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
  if (candidates.empty()) {
    if (!others.ever_open || queued) return {nullptr, nullptr, queued};
    return {nullptr, make_error<TransportDisconnectedError>(
                         "no peer is connected that could handle " + name_space, context)};
  }
  if (candidates.size() == 1) return {candidates.front(), nullptr};  // it knows best what to answer
  if (owned) {
    return {nullptr, make_error<UnsupportedApiError>("no connected peer handles " + name_space, context)};
  }
  return {nullptr, make_error<UnknownApiError>(
                       "no connected peer has an API that " + name_space + " belongs to", context)};
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
  if (peer != 0) keep_if([&](const auto& session) { return session->id() == peer; });
  if (sessions.size() > 1) {
    keep_if([&](const auto& session) { return session->interest().owns(root.name_space()); });
  }
  return sessions.size() == 1 ? sessions.front()->borrow(size) : nullptr;
}

Result<std::vector<Peer>> Arbitrator::peers_that_handle(std::string_view name_space,
                                                        detail::ApiRoot* root) const {
  if (auto error = not_at_home(name_space)) return error;
  if (phase_.load() >= Phase::stopping) return stopped_error(name_space);
  std::vector<Peer> peers;
  for (const auto& session : open_sessions(root != nullptr ? root->bound_peer() : std::string())) {
    if (session->interest().handles(name_space)) peers.push_back(session->peer());
  }
  return peers;
}

}  // namespace vagus
