#include "trials.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <semaphore>
#include <utility>
#include <vector>

namespace sysmon {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Short, since all of a report has to fit into 80 columns.
std::string milliseconds_text(Clock::duration duration) {
  char text[32];
  const double milliseconds = std::chrono::duration<double, std::milli>(duration).count();
  if (milliseconds >= 1000.0) {
    std::snprintf(text, sizeof text, "%.1f s", milliseconds / 1000.0);
  } else {
    std::snprintf(text, sizeof text, milliseconds < 10.0 ? "%.1f ms" : "%.0f ms", milliseconds);
  }
  return text;
}

/// How many calls have ended, and when the latest did.
class Ends {
 public:
  void add(bool failed) {
    const std::scoped_lock lock(mutex_);
    ++ended_;
    failed_ += failed ? 1 : 0;
    last_ = Clock::now();
    changed_.notify_all();
  }
  /// Waits until so many have ended, but not longer; how many then are missing.
  int missing_after(int expected, Clock::duration at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [&] { return ended_ >= expected; });
    return expected - ended_;
  }
  int failed() const { return failed_; }
  Clock::time_point last() const { return last_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int ended_ = 0;
  int failed_ = 0;
  Clock::time_point last_{};
};

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                       std::filesystem::directory_iterator());
}

/// What a dead process has left: itself as a zombie, or descriptors of ours that led to it.
int left_over(std::int64_t process, std::ptrdiff_t descriptors_before) {
  const bool zombie = std::filesystem::exists("/proc/" + std::to_string(process));
  const auto descriptors = std::max<std::ptrdiff_t>(open_descriptors() - descriptors_before, 0);
  return static_cast<int>(descriptors) + (zombie ? 1 : 0);
}

}  // namespace

Trials::Trials(const vagus::Supervisor& supervisor, const Look& look, std::function<void()> news)
    : supervisor_(supervisor),
      look_(look),
      news_(std::move(news)),
      arb_(vagus::connect(supervisor), {.name = "sysmon, the second head", .log = log_}) {
  arb_.attach(lab_);
  arb_.attach(system_);
  arb_.start();
}

Trials::~Trials() = default;

void Trials::kill() { begin("killing the body", &Trials::try_kill); }
void Trials::freeze() { begin("freezing the body", &Trials::try_freeze); }
void Trials::flood() { begin("flooding the body", &Trials::try_flood); }

void Trials::begin(const char* what, Report (Trials::*trial)()) {
  if (busy_.exchange(true)) return;
  thread_ = std::jthread([this, what, trial] {
    Report report;
    try {
      report = (this->*trial)();
    } catch (const std::exception& error) {
      report = {std::string(what) + " came to nothing: " + error.what(), false};
    }
    {
      const std::scoped_lock lock(mutex_);
      report_ = std::move(report);
    }
    busy_ = false;
    news_();
  });
}

std::optional<Report> Trials::take_report() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(report_, std::nullopt);
}

Report Trials::try_kill() {
  lab_.echo(0).call();
  constexpr int pending = 3;
  Ends ends;
  for (int call = 0; call < pending; ++call) {
    // Not to be waited for while the body is away: it is sent, and may have run.
    lab_.wait(60.0).async([&ends](const vagus::Result<void>& result) { ends.add(!result); },
                          {.timeout = 5s, .when_down = vagus::WhenDown::fail});
  }
  const auto process = supervisor_.process_id();
  const auto descriptors = open_descriptors();

  const auto begin = Clock::now();
  ::kill(static_cast<pid_t>(process), SIGKILL);
  const int hung = ends.missing_after(pending, 1s);
  const auto failed_in = ends.last() - begin;
  lab_.echo(1).call();
  const auto restarted_in = Clock::now() - begin;
  // The other head, the one of the board, comes back a moment later.
  int left = left_over(process, descriptors);
  for (int turn = 0; turn < 1000 && left != 0; ++turn) {
    std::this_thread::sleep_for(1ms);
    left = left_over(process, descriptors);
  }
  // Those that hang are waited for all the same: they use what lies on this stack.
  ends.missing_after(pending, 6s);
  return {"body killed: " + std::to_string(ends.failed()) + " calls failed in " +
              milliseconds_text(failed_in) + ", restarted in " + milliseconds_text(restarted_in) + ", " +
              std::to_string(hung) + " hung, " + std::to_string(left) + " left over",
          hung == 0 && left == 0 && ends.failed() == pending};
}

Report Trials::try_freeze() {
  lab_.echo(0).call();
  const auto process = static_cast<pid_t>(supervisor_.process_id());
  ::kill(process, SIGSTOP);
  siginfo_t stopped{};
  ::waitid(P_PID, static_cast<id_t>(process), &stopped, WSTOPPED | WNOWAIT);  // it takes a moment
  const auto begin = Clock::now();
  const auto frozen = lab_.echo(1).try_call({.timeout = 300ms});
  const auto gave_up_after = Clock::now() - begin;
  ::kill(process, SIGCONT);
  const auto thawed = Clock::now();
  lab_.echo(2).call();
  const bool timed_out = !frozen && frozen.error().code() == vagus::ErrorCode::transaction_timeout;
  return {"body frozen: a call gave up after " + milliseconds_text(gave_up_after) +
              " of its 300; thawed, the next took " + milliseconds_text(Clock::now() - thawed),
          timed_out};
}

Report Trials::try_flood() {
  lab_.echo(0).call();
  constexpr std::ptrdiff_t in_flight = 4096;
  std::counting_semaphore<in_flight> places(in_flight);
  std::atomic<std::size_t> refused{0};
  std::size_t made = 0;
  Latencies quiet;
  const auto end = Clock::now() + 1s;
  std::jthread flooding([&] {
    for (; Clock::now() < end; ++made) {
      places.acquire();
      lab_.echo(1).async([&](const vagus::Result<int>& result) {
        if (!result) ++refused;
        places.release();
      });
    }
    for (std::ptrdiff_t place = 0; place < in_flight; ++place) places.acquire();
  });
  while (Clock::now() < end) {
    const auto begin = Clock::now();
    static_cast<void>(system_.memory.usage().call());
    quiet.add(Clock::now() - begin);
  }
  flooding.join();
  return {"flooded: " + std::to_string(made) + " calls in 1 s, " + std::to_string(refused) +
              " refused; another API: p50 " + duration_text(quiet.quantile(0.5), look_) + ", p99 " +
              duration_text(quiet.quantile(0.99), look_),
          true};
}

}  // namespace sysmon
