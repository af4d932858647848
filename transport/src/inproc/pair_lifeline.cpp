#include "inproc/pair_lifeline.hpp"

#include <exception>
#include <string>
#include <utility>

namespace vagus::transport::inproc {

namespace {

void post(EventLoop& loop, Log& log, std::function<void()> task) noexcept {
  try {
    loop.post(std::move(task));
  } catch (const std::exception& error) {
    log.error(std::string("inproc: an event of a link could not be told: ") + error.what());
  }
}

}  // namespace

std::array<std::shared_ptr<PairLifeline>, 2> PairLifeline::make(std::array<EventLoop*, 2> loops,
                                                                std::array<Log*, 2> logs) {
  const auto pair = std::make_shared<Pair>();
  MutexLock lock(pair->mutex);
  for (std::size_t side = 0; side < pair->ends.size(); ++side) {
    pair->ends[side].loop = loops[side];
    pair->ends[side].log = logs[side];
  }
  return {std::shared_ptr<PairLifeline>(new PairLifeline(pair, 0)),
          std::shared_ptr<PairLifeline>(new PairLifeline(pair, 1))};
}

void PairLifeline::start(std::weak_ptr<ring::LifelineObserver> observer) {
  MutexLock lock(pair_->mutex);
  End& own = pair_->ends[side_];
  if (own.closed) return;
  own.observer = std::move(observer);
  own.started = true;
  if (pair_->ends[1 - side_].closed) tell_gone(own);
}

void PairLifeline::ring(ring::Bell bell) noexcept {
  MutexLock lock(pair_->mutex);
  const End& peer = pair_->ends[1 - side_];
  if (peer.closed || !peer.started) return;
  post(*peer.loop, *peer.log, [weak = peer.observer, bell] {
    if (const auto observer = weak.lock()) observer->on_bell(bell);
  });
}

void PairLifeline::close() noexcept {
  MutexLock lock(pair_->mutex);
  End& own = pair_->ends[side_];
  if (own.closed) return;
  own = {};
  own.closed = true;
  const End& peer = pair_->ends[1 - side_];
  if (peer.started && !peer.closed) tell_gone(peer);
}

void PairLifeline::tell_gone(const End& end) noexcept {
  post(*end.loop, *end.log, [weak = end.observer] {
    if (const auto observer = weak.lock()) {
      observer->on_peer_gone(
          make_error<TransportDisconnectedError>("the other end of the link in this process was closed"));
    }
  });
}

}  // namespace vagus::transport::inproc
