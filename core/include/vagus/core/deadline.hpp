/// Points in time until which something may take. Only the steady clock counts: setting the wall clock
/// changes nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

namespace vagus {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// A timeout that never comes, for calls that may take for ever. Has to be spelled out: the default is 30 s.
inline constexpr Duration no_timeout = Duration::max();

class Clock;

namespace detail {

/// In place of the machine's steady clock; null, as always but in tests: that one. See ClockInUse.
extern std::atomic<const Clock*> clock_in_use;
/// What that clock says.
TimePoint now_by(const Clock& clock) noexcept;
/// A moment from now by the machine's clock, at which one that waits looks again at the clock in use.
TimePoint next_look() noexcept;

}  // namespace detail

/// Until when something may take. A plain value; comparing and copying are safe from any thread.
class Deadline {
 public:
  /// Never passes.
  constexpr Deadline() noexcept = default;
  constexpr explicit Deadline(TimePoint at) noexcept : at_(at) {}

  static constexpr Deadline never() noexcept { return Deadline{}; }

  /// `timeout` from `now` on; `no_timeout`, and whatever would overflow the clock, gives never(). A negative
  /// timeout has passed already.
  static constexpr Deadline after(Duration timeout, TimePoint now) noexcept {
    if (timeout >= TimePoint::max() - now) return never();
    return Deadline{now + timeout};
  }
  static Deadline after(Duration timeout) noexcept { return after(timeout, now()); }

  static TimePoint now() noexcept {
    // PAIR clock-in-use
    const Clock* const other = detail::clock_in_use.load(std::memory_order_acquire);
    if (other != nullptr) [[unlikely]]
      return detail::now_by(*other);
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  }

  constexpr bool is_never() const noexcept { return at_ == TimePoint::max(); }
  constexpr TimePoint at() const noexcept { return at_; }
  /// Until when to sleep for it by the machine's clock: as at(), unless another clock is in use. Whoever
  /// wakes asks passed().
  TimePoint sleep_until() const noexcept {
    // PAIR clock-in-use
    if (detail::clock_in_use.load(std::memory_order_acquire) != nullptr) [[unlikely]]
      return detail::next_look();
    return at_;
  }
  constexpr bool passed(TimePoint now) const noexcept { return !is_never() && now >= at_; }
  bool passed() const noexcept { return !is_never() && now() >= at_; }

  /// What is left, zero once passed; `no_timeout` if it never passes.
  constexpr Duration remaining(TimePoint now) const noexcept {
    if (is_never()) return no_timeout;
    return at_ > now ? at_ - now : Duration::zero();
  }
  Duration remaining() const noexcept { return is_never() ? no_timeout : remaining(now()); }

  friend constexpr auto operator<=>(const Deadline&, const Deadline&) noexcept = default;

 private:
  TimePoint at_ = TimePoint::max();
};

}  // namespace vagus
