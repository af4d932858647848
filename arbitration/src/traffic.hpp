/// What goes over the links.
#pragma once

#include <atomic>
#include <cstdint>
#include <set>

#include <vagus/arbitration/stats.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus {

/// A figure that one thread at a time adds to, each after the one before; any thread may read it. Relaxed:
/// nothing is decided by it, and adding needs no locked instruction.
class SingleWriterCounter {
 public:
  void add(std::uint64_t count) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// The figures of one link.
struct Traffic {
  // By who has the send turn.
  SingleWriterCounter messages_sent;
  SingleWriterCounter bytes_sent;
  // By who has the reader role.
  SingleWriterCounter messages_received;
  SingleWriterCounter bytes_received;
  SingleWriterCounter calls_completed;

  void count_sent(std::size_t size) noexcept {
    messages_sent.add(1);
    bytes_sent.add(size);
  }
  void count_received(std::size_t size) noexcept {
    messages_received.add(1);
    bytes_received.add(size);
  }
  Volume sent() const noexcept { return {messages_sent.value(), bytes_sent.value()}; }
  Volume received() const noexcept { return {messages_received.value(), bytes_received.value()}; }
};

/// The figures of all links, those that are gone included. Safe from any thread.
class TrafficTotals {
 public:
  struct Sum {
    Volume sent;
    Volume received;
    std::uint64_t calls_completed = 0;
  };

  /// Counts `traffic`, too, which stays until it is removed.
  void add(const Traffic& traffic);
  /// It changes no more, and stays counted.
  void remove(const Traffic& traffic) noexcept;
  Sum sum() const;

 private:
  static void add_to(Sum& sum, const Traffic& traffic) noexcept;

  mutable Mutex mutex_;
  std::set<const Traffic*> live_ VAGUS_GUARDED_BY(mutex_);
  Sum gone_ VAGUS_GUARDED_BY(mutex_);
};

/// Traffic that counts among the totals for as long as it lives, and after.
class CountedTraffic : public Traffic {
 public:
  explicit CountedTraffic(TrafficTotals& totals) : totals_(totals) { totals_.add(*this); }
  ~CountedTraffic() { totals_.remove(*this); }
  CountedTraffic(const CountedTraffic&) = delete;
  CountedTraffic& operator=(const CountedTraffic&) = delete;

 private:
  TrafficTotals& totals_;
};

}  // namespace vagus
