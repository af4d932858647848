/// A clock that the test turns.
#pragma once

#include <atomic>
#include <cstdint>

#include <vagus/core/clock.hpp>
#include <vagus/core/deadline.hpp>

namespace vagus::testing {

/// What a FakeClock does between two calls of advance().
enum class Pace : std::uint8_t {
  still,   ///< stands: nothing times out by itself, however slow the machine is
  running  ///< goes on as the machine's clock does
};

/// To be given to whatever takes a vagus::Clock, and to the library itself:
///
///     vagus::testing::FakeClock clock;
///     const vagus::ClockInUse in_use{clock};  // before the first ApiArb
///     ...
///     clock.advance(std::chrono::hours(1));   // what was to happen within the hour happens now
///
/// While it stands, so does all that the library does after a time: deadlines of calls, but also the pause
/// before a head looks again for a body that was not there.
///
/// Begins at what the machine's steady clock says. Safe from any thread.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Pace pace = Pace::still);

  TimePoint now() const noexcept override;

  /// Throws std::invalid_argument for a negative duration, since a steady clock never goes back, and for one
  /// that leads beyond TimePoint::max().
  void advance(Duration forward);
  /// The same, to a point in time. Throws std::invalid_argument if that has passed.
  void set(TimePoint at);

 private:
  /// What `offset_` is added to.
  Duration base() const noexcept;

  const Pace pace_;
  std::atomic<Duration::rep> offset_;
};

}  // namespace vagus::testing
