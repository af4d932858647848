/// What a thread has to go on doing while it waits.
#pragma once

#include <cstdint>
#include <memory>

namespace vagus::detail {

/// Work that only certain threads run. One of them that waits for what this very work leads to would wait for
/// ever, unless it does it meanwhile.
class Duty {
 public:
  enum class Extent : std::uint8_t {
    continuations,  ///< what has begun: callbacks, and coroutines that go on
    all
  };

  virtual ~Duty() = default;
  /// Runs what is there now; false if there was nothing.
  virtual bool run_duty(Extent extent) noexcept = 0;
};

/// From now on the calling thread has this duty, for as long as that exists.
void take_on(const std::shared_ptr<Duty>& duty);
/// Has the calling thread taken it on?
bool has_duty(const Duty& duty) noexcept;
/// Has the calling thread any?
bool has_duties() noexcept;
/// Does them; false if there was nothing to do.
bool do_duties(Duty::Extent extent) noexcept;

}  // namespace vagus::detail
