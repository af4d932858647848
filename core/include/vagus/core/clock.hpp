/// The time as an object that is handed in, so that a test can turn it.
#pragma once

#include <vagus/core/deadline.hpp>

namespace vagus {

/// A steady clock: never goes back. Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const noexcept = 0;

  /// The machine's steady clock.
  static const Clock& steady() noexcept;
};

/// Has all of this library in this process go by a clock of the program's, for as long as it exists: for
/// tests, of programs too; vagus::testing::FakeClock is one. Deadlines, the time that remains to a handler,
/// pauses and timers follow it, also when it jumps or stands: whoever waits for a time looks at it every
/// other millisecond then. What has come is read and run even if no time passes.
///
/// One at a time. To be made before any call is made or link opened, and to be destroyed after all have
/// ended: a time by one clock says nothing by the other.
class ClockInUse {
 public:
  /// `clock` has to outlive it. Throws std::logic_error if there is one already.
  explicit ClockInUse(const Clock& clock);
  ~ClockInUse();
  ClockInUse(const ClockInUse&) = delete;
  ClockInUse& operator=(const ClockInUse&) = delete;
};

}  // namespace vagus
