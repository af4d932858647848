#include "caller.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>

#include "latencies.hpp"

namespace sysmon {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::int64_t nanoseconds_of(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

std::size_t entries_of(const char* folder) {
  std::error_code gone_meanwhile;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry(folder, gone_meanwhile), end;
       !gone_meanwhile && entry != end; entry.increment(gone_meanwhile)) {
    ++count;
  }
  return count;
}

/// What this process holds that a lost link could leave behind: descriptors, threads, mapped shared memory.
std::size_t held() {
  std::size_t count = entries_of("/proc/self/fd") + entries_of("/proc/self/task");
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("/memfd:") != std::string::npos || line.find("/dev/shm/") != std::string::npos) ++count;
  }
  return count;
}

}  // namespace

/// How calls have ended, and when the latest failed. Safe from any thread.
class Caller::Ends {
 public:
  Ends(std::uint32_t expected, Clock::time_point deadline) : expected_(expected), deadline_(deadline) {}

  void add(const vagus::Result<void>& result) {
    const std::scoped_lock lock(mutex_);
    ++ended_;
    if (!result) add_error(result.error());
    changed_.notify_all();
  }

  /// Waits until all have ended, or their deadline has passed, with what a busy machine needs to say so.
  DeathSeen wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline_ + 500ms, [&] { return ended_ == expected_; });
    DeathSeen seen = seen_;
    seen.hung += expected_ - ended_;
    return seen;
  }

 private:
  void add_error(const vagus::Error& error) {
    if (error.code() == vagus::ErrorCode::transaction_timeout) {
      ++seen_.hung;
      return;
    }
    ++seen_.failed;
    seen_.last_failure = nanoseconds_of(Clock::now());
  }

  const std::uint32_t expected_;
  const Clock::time_point deadline_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // guarded by mutex_
  std::uint32_t ended_ = 0;
  DeathSeen seen_;
};

Caller::Caller(vagus::ApiArb& arb) : arb_(arb) {
  arb_.attach(lab_);
  arb_.attach(system_);
}

Caller::~Caller() {
  arb_.detach(system_);
  arb_.detach(lab_);
}

void Caller::prepare(std::uint32_t calls, std::chrono::nanoseconds timeout) {
  lab_.echo(0).call();
  held_before_ = held();
  ends_ = std::make_shared<Ends>(calls, Clock::now() + timeout);
  for (std::uint32_t call = 0; call < calls; ++call) {
    // Not to be waited for while the body is away: it is sent, and may have run.
    lab_.wait(60.0).async([ends = ends_](const vagus::Result<void>& result) { ends->add(result); },
                          {.timeout = timeout, .when_down = vagus::WhenDown::fail});
  }
}

DeathSeen Caller::death() {
  DeathSeen seen = ends_->wait();
  seen.answered = answered();
  // The other links of this process come back a moment later, and what the old ones held goes.
  std::size_t now = held();
  for (int turn = 0; turn < 1000 && now > held_before_; ++turn) {
    std::this_thread::sleep_for(1ms);
    now = held();
  }
  seen.left_over = static_cast<std::uint32_t>(now > held_before_ ? now - held_before_ : 0);
  return seen;
}

FrostSeen Caller::frost(std::chrono::nanoseconds timeout) const {
  const auto begin = Clock::now();
  const auto frozen = lab_.echo(1).try_call({.timeout = timeout});
  return {.gave_up_after = std::chrono::nanoseconds(Clock::now() - begin).count(),
          .timed_out = !frozen && frozen.error().code() == vagus::ErrorCode::transaction_timeout};
}

std::int64_t Caller::answered() const {
  lab_.echo(2).call();
  return nanoseconds_of(Clock::now());
}

FloodSeen Caller::flood(std::chrono::nanoseconds duration) const {
  constexpr std::ptrdiff_t in_flight = 4096;
  std::counting_semaphore<in_flight> places(in_flight);
  std::atomic<std::uint64_t> refused{0};
  std::uint64_t made = 0;
  for (const auto end = Clock::now() + duration; Clock::now() < end; ++made) {
    places.acquire();
    lab_.echo(1).async([&](const vagus::Result<int>& result) {
      if (!result) ++refused;
      places.release();
    });
  }
  for (std::ptrdiff_t place = 0; place < in_flight; ++place) places.acquire();
  return {.made = made, .refused = refused};
}

QuietSeen Caller::quiet(std::chrono::nanoseconds duration) const {
  Latencies latencies;
  for (const auto end = Clock::now() + duration; Clock::now() < end;) {
    const auto begin = Clock::now();
    static_cast<void>(system_.memory.usage().call());
    latencies.add(Clock::now() - begin);
  }
  return {.median = latencies.quantile(0.5), .p99 = latencies.quantile(0.99)};
}

}  // namespace sysmon
