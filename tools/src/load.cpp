#include "load.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace vagus::tools {

namespace {

/// Callbacks run where the answer is read, so that no other thread is among what is measured.
class WhereItEnds final : public Executor {
 public:
  void execute(std::function<void()> work) override { work(); }
};

}  // namespace

LoadFigures Load::run() {
  began_ = Deadline::now();
  std::vector<std::thread> callers;
  const auto join = [&] {
    for (std::thread& caller : callers) caller.join();
  };
  try {
    while (callers.size() < plan_.callers) callers.emplace_back([this] { run_caller(); });
  } catch (const std::exception& error) {
    stop();
    end_.come();  // to those that wait for their turn, or for an answer
    join();
    throw std::runtime_error("no more than " + std::to_string(callers.size()) + " of " +
                             std::to_string(plan_.callers) + " callers can be started: " + error.what());
  }
  join();
  MutexLock lock(mutex_);
  figures_.time = Deadline::now() - began_;
  return figures_;
}

void Load::stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }

void Load::run_caller() {
  // Wakes a microsecond after its time, and not fifty.
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  if (plan_.in_flight == 1) {
    call_in_turn();
  } else {
    call_in_flight();
  }
}

void Load::call_in_turn() {
  while (const auto intended = next_turn()) {
    const auto outcome = action_.try_call<Value>({.timeout = plan_.timeout});
    count(*intended, outcome.error_pointer());
  }
}

void Load::call_in_flight() {
  WhereItEnds where;
  std::counting_semaphore<> free(plan_.in_flight);
  CallOptions options;
  options.timeout = plan_.timeout;
  options.on = where;
  free.acquire();
  while (const auto intended = next_turn()) {
    action_.async<Value>(
        [this, &free, at = *intended](const Result<Value>& outcome) {
          count(at, outcome.error_pointer());
          free.release();
        },
        options);
    free.acquire();
  }
  // Those that are still under way use what is here.
  for (std::ptrdiff_t left = 1; left < plan_.in_flight; ++left) free.acquire();
}

std::optional<TimePoint> Load::next_turn() {
  const std::uint64_t turn = turns_.fetch_add(1, std::memory_order_relaxed);
  if (plan_.count != 0 && turn >= plan_.count) return std::nullopt;
  const TimePoint over = plan_.time > Duration::zero() ? began_ + plan_.time : TimePoint::max();
  TimePoint now = Deadline::now();
  TimePoint intended = now;
  if (plan_.rate > 0) {
    const std::chrono::duration<double> after(static_cast<double>(turn) / plan_.rate);
    intended = began_ + std::chrono::duration_cast<Duration>(after);
    const TimePoint until = std::min(intended, over);
    if (until > now && end_.await(Deadline(until))) return std::nullopt;
    now = Deadline::now();
  }
  if (now >= over || stopped_.load(std::memory_order_relaxed)) return std::nullopt;
  return intended;
}

void Load::count(TimePoint intended, const ErrorPtr& error) {
  const Duration took = Deadline::now() - intended;
  MutexLock lock(mutex_);
  if (error && error->code() == ErrorCode::transport_finished) {
    ++figures_.unfinished;
    return;
  }
  figures_.times.add(took);
  if (!error) return;
  ++figures_.errors[error->code()];
  if (!figures_.first_error) figures_.first_error = error;
  // All others would fail at once.
  if (error->code() == ErrorCode::transport_disconnected) stop();
}

}  // namespace vagus::tools
