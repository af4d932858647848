// How far away a peer is: the reserved request that whoever reads at the other side answers at once, without
// a worker.

#include <string>
#include <utility>

#include <vagus/wire/message.hpp>

#include "arbitrator.hpp"

namespace vagus {

/// Ends with the time that the answer took.
class Arbitrator::PingCall final : public detail::PendingOutcome<Duration> {
 public:
  using PendingOutcome::PendingOutcome;

 private:
  void take(std::span<const std::byte>) override { value_ = Deadline::now() - began(); }
};

namespace {

ErrorPtr with_peer(const ErrorPtr& error, const Peer& peer, Duration timeout) {
  if (error->code() != ErrorCode::transaction_timeout) return error;
  const auto allowed = std::chrono::round<std::chrono::milliseconds>(timeout);
  return make_error<TransactionTimeout>(
      "no answer to a ping from " + peer.name + " within " + std::to_string(allowed.count()) + " ms",
      {error->name_space(), error->id(), error->execution()});
}

}  // namespace

std::shared_ptr<Arbitrator::PingCall> Arbitrator::make_ping(Duration timeout) {
  static const auto name = std::make_shared<const std::string>("$ping");
  const TimePoint now = Deadline::now();
  return std::make_shared<PingCall>(name, now, Deadline::after(timeout, now), weak_from_this(),
                                    executor(nullptr));
}

std::shared_ptr<Session> Arbitrator::session_to_ping(const Peer& peer, PingCall& ping) {
  if (const auto error = not_at_home(ping.name_space())) {
    ping.fail(error);
    return nullptr;
  }
  if (phase_.load() >= Phase::stopping) {
    ping.fail(stopped_error(ping.name_space()));
    return nullptr;
  }
  for (const auto& session : open_sessions({})) {
    if (session->peer().id != peer.id) continue;
    if (session->plain() == nullptr) return session;
    ping.fail(make_error<UnsupportedApiError>(
        session->peer().name + " speaks MessagePack-RPC and no more, which knows no ping",
        ping.context(Execution::not_sent)));
    return nullptr;
  }
  ping.fail(make_error<TransportDisconnectedError>("the peer " + peer.name + " is not connected",
                                                   ping.context(Execution::not_sent)));
  return nullptr;
}

void Arbitrator::send_ping(const std::shared_ptr<PingCall>& ping, Session& session, WhenFull when_full,
                           Sleeper* reader) {
  if (const auto error = transactions_.open(ping, session.id_side(), session.id())) {
    ping->fail(error);
    return;
  }
  const auto error = session.send(
      [&](wire::Writer& writer) {
        wire::begin_request(writer, ping->id().wire(), ping->name_space(), false);
        writer.array(0);
      },
      ping->deadline(), when_full, reader);
  if (!error) return;
  transactions_.forget(ping->id(), session.id());
  ping->fail(with_context(error, ping->context(Execution::not_sent)));
}

Duration Arbitrator::ping(const Peer& peer, Duration timeout) {
  const auto ping = make_ping(timeout);
  if (const auto session = session_to_ping(peer, *ping)) {
    Sleeper sleeper;
    ping->watch_first(sleeper);
    session->queue_for_reading(sleeper);
    send_ping(ping, *session, WhenFull::wait, &sleeper);
    session->wait(*ping, sleeper, ping->deadline());
    if (!sleeper.ended_here()) ping->unwatch(sleeper);
    if (!ping->done()) expire(*ping);
  }
  if (const auto error = ping->error()) with_peer(error, peer, timeout)->raise();
  return ping->take_value();
}

AsyncResult<Duration> Arbitrator::async_ping(const Peer& peer, Duration timeout) {
  const auto ping = make_ping(timeout);
  if (const auto session = session_to_ping(peer, *ping)) {
    send_ping(ping, *session, WhenFull::refuse, nullptr);
    if (!ping->done()) watch_deadline(ping);
    if (ping->done()) deadlines_.remove(*ping);  // else whoever ends it later removes it
  }
  return AsyncResult<Duration>(ping);
}

std::vector<PeerResult<Duration>> Arbitrator::ping_all(Duration timeout) {
  std::vector<std::pair<Peer, AsyncResult<Duration>>> pings;
  for (const Peer& peer : peers()) pings.emplace_back(peer, async_ping(peer, timeout));
  std::vector<PeerResult<Duration>> results;
  for (const auto& [peer, ping] : pings) {
    ping.wait();
    const auto result = ping.result();
    results.push_back({peer, result ? result : with_peer(result.error_pointer(), peer, timeout)});
  }
  return results;
}

}  // namespace vagus
