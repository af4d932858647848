#include <vagus/core/clock.hpp>

namespace vagus {

namespace {

class SteadyClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return Deadline::now(); }
};

}  // namespace

const Clock& Clock::steady() noexcept {
  static const SteadyClock clock;
  return clock;
}

}  // namespace vagus
