#include <stdexcept>

#include <vagus/core/clock.hpp>

namespace vagus {

namespace {

constexpr Duration look_time = std::chrono::milliseconds(1);

class SteadyClock final : public Clock {
 public:
  TimePoint now() const noexcept override {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  }
};

}  // namespace

namespace detail {

// PAIR clock-in-use: whoever sees the clock sees all of it.
constinit std::atomic<const Clock*> clock_in_use{nullptr};

TimePoint now_by(const Clock& clock) noexcept { return clock.now(); }

TimePoint next_look() noexcept { return Clock::steady().now() + look_time; }

}  // namespace detail

const Clock& Clock::steady() noexcept {
  static const SteadyClock clock;
  return clock;
}

ClockInUse::ClockInUse(const Clock& clock) {
  const Clock* none = nullptr;
  if (!detail::clock_in_use.compare_exchange_strong(none, &clock)) {  // PAIR clock-in-use
    throw std::logic_error("another vagus::ClockInUse exists already");
  }
}

ClockInUse::~ClockInUse() {
  detail::clock_in_use.store(nullptr, std::memory_order_release);  // PAIR clock-in-use: with the next one
}

}  // namespace vagus
