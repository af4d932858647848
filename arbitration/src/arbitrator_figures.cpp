// What the calls and links come to.

#include "arbitrator.hpp"

namespace vagus {

Stats Arbitrator::stats() const {
  if (home_.left()) return {};
  Stats stats;
  stats.calls_made = counters_.calls_made.value();
  stats.calls_failed = counters_.calls_failed.values();
  stats.messages_posted = counters_.messages_posted.value();
  stats.events_unheard = counters_.events_unheard.value();
  stats.posts_dropped = counters_.posts_dropped.value();
  stats.calls_dropped = counters_.calls_dropped.value();
  stats.calls_resent = counters_.calls_resent.value();
  stats.requests_received = counters_.requests_received.value();
  stats.requests_refused = counters_.requests_refused.value();
  stats.requests_expired = counters_.requests_expired.value();
  stats.permissions_denied = counters_.permissions_denied.value();
  stats.logins_refused = counters_.logins_refused.value();
  stats.messages_received = counters_.messages_received.value();
  stats.messages_unhandled = counters_.messages_unhandled.value();
  stats.messages_dropped = counters_.messages_dropped.value();
  stats.handlers_failed = counters_.handlers_failed.value();
  stats.late_replies = transactions_.late_replies();
  stats.unknown_replies = transactions_.unknown_replies();
  stats.links_opened = counters_.links_opened.value();
  stats.links_lost = counters_.links_lost.value();
  stats.calls_pending = transactions_.pending();
  const auto traffic = traffic_.sum();
  stats.calls_completed = traffic.calls_completed + counters_.local_calls_completed.value();
  stats.sent = traffic.sent;
  stats.received = traffic.received;
  for (const auto& attachment : routing_.all()) stats.requests_waiting += attachment->intake->waiting();
  MutexLock lock(sessions_mutex_);
  stats.links = open_.size();
  return stats;
}

std::vector<PeerStats> Arbitrator::peer_stats() const {
  if (home_.left()) return {};
  std::vector<PeerStats> peers;
  for (const auto& session : open_sessions({})) {
    peers.push_back({session->peer(), session->traffic().sent(), session->traffic().received()});
  }
  return peers;
}

}  // namespace vagus
