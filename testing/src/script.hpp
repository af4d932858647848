#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <vagus/api/call.hpp>
#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/testing/expectation.hpp>

#include "held_call.hpp"

namespace vagus::detail {

/// What was expected, and what has come. Waits go by the machine's clock: one that stands may be in use. Safe
/// from any thread; what answers and what is answered runs on no lock.
class Script {
 public:
  Script(bool in_order, Duration timeout) : in_order_(in_order), timeout_(timeout) {}

  Duration timeout() const noexcept { return timeout_; }

  /// Its index.
  std::size_t add(Expected expected);
  void limit(std::size_t index, std::size_t least, std::size_t most);
  std::vector<std::string> names_of_calls() const;

  // Each says in which life of the peer it came; lives have numbers, which rise from 1. What comes in one
  // that has ended counts for nothing.

  /// Answers one that was expected. Throws Failed, which says what was, if this one was not.
  void call(Call& call, testing::Received received, unsigned life);
  /// For one of a name that never was.
  [[noreturn]] void refuse(const testing::Received& received, unsigned life);
  void event(testing::Received received, unsigned life);
  /// What is held is never answered. Before the next life begins.
  void end_life(unsigned life);

  /// The first of them; with `take`, it is held no more. Waits for it; throws Failed.
  std::shared_ptr<HeldCall> held(std::size_t index, bool take);

  std::size_t count(std::size_t index) const;
  /// See ScriptedPeer.
  void wait_for(std::size_t index) const;
  void wait() const;
  void verify() const;

 private:
  struct Entry {
    std::shared_ptr<const Expected> expected;
    std::size_t least;
    std::size_t most;
    std::size_t came = 0;
    std::size_t done = 0;  // of those that came: answered, or held
    std::deque<std::shared_ptr<HeldCall>> held = {};

    std::string to_string() const;
  };

  /// The one whose call this is, counted; null if it is nobody's.
  Entry* take_call(const testing::Received& received) VAGUS_REQUIRES(mutex_);
  /// The index of what has its turn: in order, none of those before it may come any more.
  std::size_t turn() const VAGUS_REQUIRES(mutex_);
  /// What the test asks of it may throw: that is a fault of the test's, and it does not fit.
  bool fits(const Entry& entry, const testing::Received& received) VAGUS_REQUIRES(mutex_);
  void answer(const Expected& expected, Reply<Value>& reply, const testing::Received& received);
  std::string refusal(const testing::Received& received) const VAGUS_REQUIRES(mutex_);
  /// Nothing that may still come decides about it.
  bool decided() const VAGUS_REQUIRES(mutex_);
  /// Empty if nothing is wrong.
  std::string faults() const VAGUS_REQUIRES(mutex_);
  /// Throws Failed if something is wrong.
  void check() const VAGUS_REQUIRES(mutex_);
  std::string waited_for(const Entry& entry) const VAGUS_REQUIRES(mutex_);
  bool wait_until(TimePoint end, MutexLock& lock) const;

  const bool in_order_;
  const Duration timeout_;

  mutable Mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<Entry> entries_ VAGUS_GUARDED_BY(mutex_);            // a deque: they stay where they are
  std::vector<std::string> unexpected_ VAGUS_GUARDED_BY(mutex_);  // calls
  std::vector<std::string> unheard_ VAGUS_GUARDED_BY(mutex_);     // events that nobody expected
  std::vector<std::string> broken_ VAGUS_GUARDED_BY(mutex_);      // what the test itself has thrown
  unsigned ended_ VAGUS_GUARDED_BY(mutex_) = 0;                   // the number of the last life that has
};

}  // namespace vagus::detail
