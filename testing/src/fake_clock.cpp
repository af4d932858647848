#include <stdexcept>

#include <vagus/testing/fake_clock.hpp>

namespace vagus::testing {

namespace {

Duration by_the_machine() noexcept { return Clock::steady().now().time_since_epoch(); }

}  // namespace

FakeClock::FakeClock(Pace pace) : pace_(pace), offset_(pace == Pace::still ? by_the_machine().count() : 0) {}

Duration FakeClock::base() const noexcept {
  return pace_ == Pace::still ? Duration::zero() : by_the_machine();
}

TimePoint FakeClock::now() const noexcept {
  const Duration offset(offset_.load());
  const Duration since = base();
  return TimePoint(since > Duration::max() - offset ? Duration::max() : since + offset);
}

void FakeClock::advance(Duration forward) {
  if (forward < Duration::zero()) {
    throw std::invalid_argument("a vagus::testing::FakeClock cannot be advanced by a negative duration");
  }
  Duration::rep offset = offset_.load();
  do {
    if (forward > TimePoint::max() - now()) {
      throw std::invalid_argument("a vagus::testing::FakeClock cannot be advanced beyond its last time");
    }
  } while (!offset_.compare_exchange_weak(offset, offset + forward.count()));
}

void FakeClock::set(TimePoint at) {
  Duration::rep offset = offset_.load();
  for (;;) {
    const Duration wanted = at.time_since_epoch() - base();
    if (wanted.count() < offset) {
      throw std::invalid_argument("a vagus::testing::FakeClock cannot be set to a time that has passed");
    }
    if (offset_.compare_exchange_weak(offset, wanted.count())) return;
  }
}

}  // namespace vagus::testing
