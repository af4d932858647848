#include "timing/pace.hpp"

#include <sys/prctl.h>

#include <thread>
#include <utility>

namespace bench {

namespace {

void warm_up(const Slice& slice, const RoundTrip& round_trip) {
  const auto end = Clock::now() + slice.warm_up();
  do round_trip();
  while (Clock::now() < end);
}

void run_back_to_back(Slice& slice, const RoundTrip& round_trip) {
  warm_up(slice, round_trip);
  const auto begin = slice.begin();
  auto last = begin;
  std::uint64_t count = 0;
  for (; last - begin < slice.budget(); ++count) {
    round_trip();
    const auto now = Clock::now();
    slice.note(now - last);
    last = now;
  }
  slice.end(count);
}

void run_with_pauses(Slice& slice, nanoseconds pause, const RoundTrip& round_trip) {
  ::prctl(PR_SET_TIMERSLACK, 1);  // else the kernel may make each pause 50 us longer
  warm_up(slice, round_trip);
  const auto begin = slice.begin();
  std::uint64_t count = 0;
  for (; Clock::now() - begin < slice.budget(); ++count) {
    std::this_thread::sleep_for(pause);
    const auto start = Clock::now();
    round_trip();
    slice.note(Clock::now() - start);
  }
  slice.end(count);
}

void run_at_rate(Slice& slice, double per_second, const RoundTrip& round_trip) {
  const nanoseconds period(static_cast<nanoseconds::rep>(1e9 / per_second));
  warm_up(slice, round_trip);
  const auto begin = slice.begin();
  std::uint64_t count = 0;
  for (auto intended = begin; intended - begin < slice.budget(); intended += period, ++count) {
    spin_until(intended);
    round_trip();
    slice.note(Clock::now() - intended);
  }
  slice.end(count);
}

}  // namespace

SliceRunner at_pace(const Pace& pace, RoundTrip round_trip) {
  return [pace, round_trip = std::move(round_trip)](Slice& slice) {
    if (pace.per_second > 0) {
      run_at_rate(slice, pace.per_second, round_trip);
    } else if (pace.pause.count() > 0) {
      run_with_pauses(slice, pace.pause, round_trip);
    } else {
      run_back_to_back(slice, round_trip);
    }
  };
}

}  // namespace bench
