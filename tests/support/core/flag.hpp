#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace vagus::testing {

/// Longer than anything takes on a slow machine under a sanitizer; only a fault waits for so long.
inline constexpr std::chrono::seconds generous{30};

/// Something that happens a number of times, and that one can wait for.
class Tally {
 public:
  void add(std::size_t count = 1) {
    std::lock_guard lock(mutex_);
    count_ += count;
    changed_.notify_all();
  }
  /// True if it has happened at least so often, now or within a generous time.
  bool await(std::size_t count, std::chrono::nanoseconds limit = generous) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return count_ >= count; });
  }
  std::size_t count() const {
    std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::size_t count_ = 0;
};

/// Something that happens once. Fits vagus::release().
class Flag {
 public:
  void raise() { tally_.add(); }
  void release() { raise(); }
  bool raised() const { return tally_.count() != 0; }
  bool await(std::chrono::nanoseconds limit = generous) const { return tally_.await(1, limit); }
  std::size_t times() const { return tally_.count(); }

 private:
  Tally tally_;
};

/// Knows how many are inside of it at once.
class Crowd {
 public:
  void enter() {
    std::lock_guard lock(mutex_);
    if (++inside_ > most_) most_ = inside_;
    changed_.notify_all();
  }
  void leave() {
    std::lock_guard lock(mutex_);
    --inside_;
    changed_.notify_all();
  }
  /// True if as many come to be inside at the same time.
  bool await(int count, std::chrono::nanoseconds limit = generous) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return inside_ >= count; });
  }
  /// Waits until nobody is inside.
  bool await_empty() const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, generous, [&] { return inside_ == 0; });
  }
  int most() const {
    std::lock_guard lock(mutex_);
    return most_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  int inside_ = 0;
  int most_ = 0;
};

/// Opens the way at the end of a scope, so that nothing goes on waiting when a check fails before.
template <typename Function>
class AtExit {
 public:
  explicit AtExit(Function function) : function_(std::move(function)) {}
  ~AtExit() { function_(); }
  AtExit(const AtExit&) = delete;
  AtExit& operator=(const AtExit&) = delete;

 private:
  Function function_;
};

}  // namespace vagus::testing
