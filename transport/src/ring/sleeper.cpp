#include "ring/sleeper.hpp"

#include <sched.h>

#include <time.h>

namespace vagus::transport::ring {

namespace {

// Together longer than a thread needs from the flag to its sleep, and out of it when it is woken.
constexpr unsigned short_pauses = 200;
constexpr long long_pause_ns = 100'000;  // it was interrupted there, and may need our core to get on

void pause_before_retry(unsigned attempt) noexcept {
  if (attempt < short_pauses) {
    ::sched_yield();
    return;
  }
  const timespec pause{.tv_sec = 0, .tv_nsec = long_pause_ns};
  ::nanosleep(&pause, nullptr);
}

}  // namespace

void Sleeper::sleep(std::uint32_t heard, Deadline deadline) noexcept {
  // PAIR call-or-sleep
  asleep_.store(true, std::memory_order_seq_cst);
  if (!called_.load(std::memory_order_seq_cst)) posix::futex_wait(bell_, heard, deadline);
  // Release: when call() sees this, the thread is out of the wait.
  asleep_.store(false, std::memory_order_release);
}

void Sleeper::call() noexcept {
  // PAIR call-or-sleep
  called_.store(true, std::memory_order_seq_cst);
  // A wake-up may come between the sleeper's look at the flag and its sleep, so it is repeated until the
  // thread is seen out of there again, or has taken the call. That a wake-up has found somebody says nothing:
  // threads of the peer can sleep on its bell, too. Nor is anybody asleep in a child of fork().
  for (unsigned attempt = 0; asleep_.load(std::memory_order_seq_cst) && called() && !home_.left();
       ++attempt) {
    posix::futex_wake(bell_);
    pause_before_retry(attempt);
  }
}

}  // namespace vagus::transport::ring
