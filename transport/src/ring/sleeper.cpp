#include "ring/sleeper.hpp"

#include <time.h>

#include "common/spin.hpp"

namespace vagus::transport::ring {

namespace {

constexpr unsigned short_pauses =
    200;  // some microseconds: as long as a thread needs from the flag to its sleep
constexpr long long_pause_ns = 100'000;  // it was interrupted there, and may need our core to get on

void pause_before_retry(unsigned attempt) noexcept {
  if (attempt < short_pauses) {
    pause_processor();
    return;
  }
  const timespec pause{.tv_sec = 0, .tv_nsec = long_pause_ns};
  ::nanosleep(&pause, nullptr);
}

}  // namespace

bool Sleeper::sleep(std::uint32_t heard, Deadline deadline) noexcept {
  // PAIR call-or-sleep
  asleep_.store(true, std::memory_order_seq_cst);
  bool in_time = true;
  if (!called_.load(std::memory_order_seq_cst)) in_time = posix::futex_wait(bell_, heard, deadline);
  // Release: when call() sees this, the thread is out of the wait.
  asleep_.store(false, std::memory_order_release);
  return in_time;
}

void Sleeper::call() noexcept {
  // PAIR call-or-sleep
  called_.store(true, std::memory_order_seq_cst);
  // A wake-up that finds nobody came between the sleeper's look at the flag and its sleep: a few
  // instructions, so it is repeated until the thread is seen asleep or out of there again.
  for (unsigned attempt = 0; asleep_.load(std::memory_order_seq_cst); ++attempt) {
    if (posix::futex_wake(bell_) > 0) return;
    pause_before_retry(attempt);
  }
}

}  // namespace vagus::transport::ring
