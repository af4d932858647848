/// What must hold of every call, callback and event, whatever happens to the peer.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/vagus.hpp>

#include "load/contract.hpp"
#include "load/figures.hpp"
#include "load/pulse.hpp"

namespace vagus::load {

/// How long after its deadline a call may end, not counting the time for which its process was kept from
/// running. Generous: the machine has other things to do, and a single thread that is due may not run for a
/// while.
inline constexpr Duration allowance = std::chrono::seconds(2);

/// All functions are safe from any thread.
class Checks {
 public:
  /// `report` hears of each fault.
  Checks(Figures& figures, std::function<void(const std::string&)> report);

  Figures& figures() noexcept { return figures_; }
  void fault(const std::string& text) const { report_(text); }

  /// Whether the peer may refuse calls, since it is being ended in order.
  void peer_ends(bool ends) noexcept { peer_ends_.store(ends); }
  /// This side itself is being stopped: calls may fail for that.
  void stopping() noexcept { stopping_.store(true); }

  /// A call has ended with its answer, null, or with an error.
  void call_ended(const char* kind, TimePoint began, Duration allowed, const ErrorPtr& error) {
    call_ended(kind, began, allowed, error, Deadline::now());
  }
  void call_ended(const char* kind, TimePoint began, Duration allowed, const ErrorPtr& error,
                  TimePoint ended);
  /// What was answered, and whether it is what the question asks for.
  void answered(const char* kind, const Question& question, bool right) const;

  class Expected;
  std::shared_ptr<Expected> expect_callback(const char* kind, Duration allowed);
  /// Looks for callbacks that should have come.
  void look_for_lost_callbacks();
  /// All calls have ended: their callbacks have come.
  void expect_no_callbacks();

  /// This side handles a question; none comes twice.
  void served(const Question& question);
  /// An event, or a note, has come to one subscriber.
  void heard(const std::string& subscriber, const Tick& tick);

 private:
  static constexpr std::size_t remembered = 1 << 16;

  bool may_fail_with(const Error& error) const;

  Figures& figures_;
  const std::function<void(const std::string&)> report_;
  std::atomic<bool> peer_ends_{false};
  std::atomic<bool> stopping_{false};
  // The answers to the questions that came last, each in a place of its own: what is found there has come
  // before. Some are forgotten early.
  std::unique_ptr<std::atomic<std::uint64_t>[]> served_;

  const Pulse pulse_{figures_.kept_ns};

  Mutex mutex_;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> heard_ VAGUS_GUARDED_BY(mutex_);
  std::list<std::shared_ptr<Expected>> expected_ VAGUS_GUARDED_BY(mutex_);
};

/// A callback that is to come once, until some time after the deadline of its call.
class Checks::Expected {
 public:
  Expected(const char* kind, Duration allowed) noexcept : kind_(kind), allowed_(allowed) {}

  /// It is running. False: not for the first time.
  bool comes() noexcept { return times_.fetch_add(1) == 0; }
  bool has_come() const noexcept { return times_.load() != 0; }

  const char* kind() const noexcept { return kind_; }
  TimePoint began() const noexcept { return began_; }
  Duration allowed() const noexcept { return allowed_; }

 private:
  const char* const kind_;
  const TimePoint began_ = Deadline::now();
  const Duration allowed_;
  std::atomic<int> times_{0};
};

}  // namespace vagus::load
