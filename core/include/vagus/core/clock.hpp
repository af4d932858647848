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

}  // namespace vagus
