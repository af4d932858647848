#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <string>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>

#include "common/observer_calls.hpp"
#include "ring/doorbell.hpp"
#include "ring/lifeline.hpp"
#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

/// The memory of both sides, as one of them has it.
struct LinkMemory {
  OwnMemory own;
  PeerMemory peer;
  std::shared_ptr<const void> owner;  ///< keeps it mapped
};

/// What a link shares with the event loop, and what therefore may outlive it for a moment: how it ended, and
/// whom to tell. All functions are safe from any thread.
class LinkState final : public LifelineObserver, public std::enable_shared_from_this<LinkState> {
 public:
  LinkState(EventLoop& loop, Log& log, std::string description, LinkMemory memory,
            std::shared_ptr<Lifeline> lifeline);

  const LinkMemory& memory() const noexcept { return memory_; }
  Lifeline& lifeline() noexcept { return *lifeline_; }
  BellWaiter& waiter() noexcept { return waiter_; }

  void start(LinkObserver& observer);

  bool ended() const noexcept { return ended_.load(std::memory_order_seq_cst); }

  /// Ends the link from this side; the first reason counts. The observer hears of it from the event loop.
  void end(const ErrorPtr& reason) noexcept;
  /// Ends it since the peer broke a rule, `violation`; the first one is logged.
  void end_for(const char* violation) noexcept;
  /// Ends it since this side cannot take what the peer has sent.
  void end_unable_to_receive(const std::exception& why);
  /// Ends what waits, once.
  void call_sleepers() noexcept;
  void stop() noexcept;

  void on_bell(Bell bell) override;
  void on_peer_gone(const ErrorPtr& reason) override;

 private:
  bool set_ended(const ErrorPtr& reason) noexcept;

  EventLoop& loop_;
  Log& log_;
  const std::string description_;
  const LinkMemory memory_;
  const std::shared_ptr<Lifeline> lifeline_;
  BellWaiter waiter_;
  ObserverCalls calls_;
  std::atomic<bool> started_{false};   // PAIR link-started: whoever sees it finds the observer in calls_
  std::atomic<bool> ended_{false};     // seq_cst; set once, by set_ended(), before it calls the sleepers
  std::atomic<bool> violated_{false};  // relaxed: only who is first matters, and says it
};

}  // namespace vagus::transport::ring
