#include "load/pulse.hpp"

#include <algorithm>
#include <chrono>

namespace vagus::load {

namespace {

using namespace std::chrono_literals;

constexpr Duration period = 10ms;
constexpr Duration usual_lateness = 10ms;
constexpr std::size_t most_gaps = 64;

Duration overlap(TimePoint from, TimePoint to, TimePoint gap_from, TimePoint gap_to) {
  return std::max<Duration>(std::min(to, gap_to) - std::max(from, gap_from), 0ns);
}

}  // namespace

Pulse::Pulse(std::atomic<std::int64_t>& sum_ns) : sum_ns_(sum_ns), thread_([this] { beat(); }) {}

Pulse::~Pulse() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    stopping_changed_.notify_all();
  }
  thread_.join();
}

void Pulse::beat() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    wait_until(stopping_changed_, lock, Deadline(last_ + period));
    const TimePoint now = Deadline::now();
    if (now - last_ > period + usual_lateness) {
      gaps_.push_back({last_ + period, now});
      sum_ns_.fetch_add((now - last_ - period).count());
      if (gaps_.size() > most_gaps) gaps_.pop_front();
    }
    last_ = now;
  }
}

Duration Pulse::missed(TimePoint from, TimePoint to) const {
  MutexLock lock(mutex_);
  Duration sum{0};
  for (const Gap& gap : gaps_) sum += overlap(from, to, gap.from, gap.to);
  // A gap that has not ended: whoever asks is quicker than the thread.
  if (to - last_ > period + usual_lateness) sum += overlap(from, to, last_ + period, to);
  return sum;
}

}  // namespace vagus::load
