/// Whoever observes the calls and requests of an arbitrator.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include <vagus/api/call.hpp>
#include <vagus/arbitration/call_hooks.hpp>
#include <vagus/arbitration/method_stats.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/registration.hpp>
#include <vagus/core/transaction.hpp>

#include "counters.hpp"
#include "method_histograms.hpp"

namespace vagus {

/// Tells hooks, and measures. While there is neither, calls cost one look at active(). A call that is made,
/// or a request that comes, while there is gets an observer of its own, which knows its *audience*: those who
/// were there at the beginning, and so hear of the end. A forked child observes nothing. Safe from any
/// thread.
class Observing final : public std::enable_shared_from_this<Observing> {
 public:
  /// `log` is used inside of `log_lent` only. `failed` counts the exceptions that left a hook. These two have
  /// to live until close().
  Observing(Log& log, detail::Gate& log_lent, Counter& failed);
  ~Observing();

  /// Does anybody want to know? Relaxed: who is just coming or going may be missed; nothing else hangs on it.
  bool active() const noexcept { return active_.load(std::memory_order_relaxed); }

  Registration add(CallHooks hooks);
  /// Keep latencies from now on, or no more.
  void measure(bool on);
  /// Keep them, whatever that says, until end_measuring_for() the same link.
  void measure_for(std::uint64_t link);
  void end_measuring_for(std::uint64_t link) noexcept;
  bool measuring() const;
  std::vector<MethodStats> method_stats() const;
  /// Afterwards no hook is running, nor will be.
  void close() noexcept;

  /// A call that nobody else knows of yet is about to be made.
  void begin(Transaction& call);
  /// A request that nobody else knows of yet has come.
  void receive(detail::IncomingCall& call);

 private:
  class Entry;
  class CallObserver;
  class RequestObserver;
  /// Never changed, but replaced.
  struct Audience {
    std::vector<std::shared_ptr<Entry>> entries;
    bool measured = false;
  };

  std::shared_ptr<const Audience> audience() const;
  void set_audience(Audience audience) VAGUS_REQUIRES(mutex_);
  void set_measured() VAGUS_REQUIRES(mutex_);
  void remove(const Entry& entry) noexcept;
  std::uint64_t next_number() noexcept { return next_number_.fetch_add(1, std::memory_order_relaxed); }
  /// An exception has left a hook.
  void hook_failed(const char* what) noexcept;

  const detail::HomeProcess home_;
  Log& log_;
  detail::Gate& log_lent_;
  Counter& failed_;
  MethodHistograms histograms_;
  std::atomic<std::uint64_t> next_number_{1};  // relaxed: nothing but different ones is asked of them
  std::atomic<bool> active_{false};            // relaxed, see active(); written under mutex_

  mutable Mutex mutex_;
  std::shared_ptr<const Audience> audience_ VAGUS_GUARDED_BY(mutex_) = std::make_shared<const Audience>();
  bool measure_ VAGUS_GUARDED_BY(mutex_) = false;
  std::set<std::uint64_t> measuring_for_ VAGUS_GUARDED_BY(mutex_);  // links
};

}  // namespace vagus
