#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <vagus/api/call.hpp>
#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/testing/expectation.hpp>

namespace vagus::detail {

/// A call that the test answers.
class HeldCall {
 public:
  HeldCall(Reply<Value> reply, std::stop_token stop, testing::Received received)
      : received_(std::move(received)), stop_(std::move(stop)), reply_(std::move(reply)) {}

  const testing::Received& received() const noexcept { return received_; }
  const std::stop_token& stop() const noexcept { return stop_; }

  void complete(const Value& value) {
    MutexLock lock(mutex_);
    reply_.complete(value);
  }
  void fail(const std::exception_ptr& thrown) {
    MutexLock lock(mutex_);
    reply_.fail(thrown);
  }
  void progress(const Value& value) {
    MutexLock lock(mutex_);
    reply_.progress(value);
  }

 private:
  const testing::Received received_;
  const std::stop_token stop_;
  Mutex mutex_;
  Reply<Value> reply_ VAGUS_GUARDED_BY(mutex_);
};

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

  /// Answers one that was expected. Throws Failed, which says what was, if this one was not.
  void call(Call& call, testing::Received received);
  /// For one of a name that never was.
  [[noreturn]] void refuse(const testing::Received& received);
  void event(testing::Received received);
  /// Those that are not answered yet never are.
  void drop_held();

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
  std::string refusal(const testing::Received& received) const VAGUS_REQUIRES(mutex_);
  /// Nothing that may still come decides about it.
  bool decided() const VAGUS_REQUIRES(mutex_);
  /// Empty if nothing is wrong.
  std::string faults() const VAGUS_REQUIRES(mutex_);
  /// Throws Failed if something is wrong.
  void check() const VAGUS_REQUIRES(mutex_);
  std::string waited_for(const Entry& entry) const VAGUS_REQUIRES(mutex_);
  std::chrono::steady_clock::time_point end_of_waiting() const;
  bool wait_until(std::chrono::steady_clock::time_point end, MutexLock& lock) const;

  const bool in_order_;
  const Duration timeout_;

  mutable Mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<Entry> entries_ VAGUS_GUARDED_BY(mutex_);            // a deque: they stay where they are
  std::vector<std::string> unexpected_ VAGUS_GUARDED_BY(mutex_);  // calls
  std::vector<std::string> unheard_ VAGUS_GUARDED_BY(mutex_);     // events that nobody expected
};

}  // namespace vagus::detail
