#include "traffic.hpp"

namespace vagus {

void TrafficTotals::add(const Traffic& traffic) {
  MutexLock lock(mutex_);
  live_.insert(&traffic);
}

void TrafficTotals::remove(const Traffic& traffic) noexcept {
  MutexLock lock(mutex_);
  live_.erase(&traffic);
  add_to(gone_, traffic);
}

TrafficTotals::Sum TrafficTotals::sum() const {
  MutexLock lock(mutex_);
  Sum sum = gone_;
  for (const Traffic* traffic : live_) add_to(sum, *traffic);
  return sum;
}

void TrafficTotals::add_to(Sum& sum, const Traffic& traffic) noexcept {
  sum.sent.messages += traffic.messages_sent.value();
  sum.sent.bytes += traffic.bytes_sent.value();
  sum.received.messages += traffic.messages_received.value();
  sum.received.bytes += traffic.bytes_received.value();
  sum.calls_completed += traffic.calls_completed.value();
}

}  // namespace vagus
