#include "trials.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace sysmon {

namespace {

using namespace std::chrono_literals;

std::int64_t now() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Short, since all of a report has to fit into 80 columns: never 10.0 or 1000 ms.
std::string milliseconds_text(std::int64_t nanoseconds) {
  char text[32];
  const double milliseconds = static_cast<double>(nanoseconds) / 1e6;
  if (milliseconds >= 999.5) {
    std::snprintf(text, sizeof text, "%.1f s", milliseconds / 1000.0);
  } else {
    std::snprintf(text, sizeof text, milliseconds < 9.95 ? "%.1f ms" : "%.0f ms", milliseconds);
  }
  return text;
}

/// The body's process: never one of those ids that mean many processes.
pid_t process_of(const vagus::Supervisor& body) {
  const auto process = static_cast<pid_t>(body.process_id());
  if (process <= 1) throw std::runtime_error("it does not run at this moment");
  return process;
}

/// A process that is stopped for as long as this lives.
class Frozen {
 public:
  explicit Frozen(pid_t process) : process_(process) {
    ::kill(process_, SIGSTOP);
    siginfo_t stopped{};
    ::waitid(P_PID, static_cast<id_t>(process_), &stopped, WSTOPPED | WNOWAIT);  // it takes a moment
  }
  ~Frozen() { ::kill(process_, SIGCONT); }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  const pid_t process_;
};

}  // namespace

Report report_of_death(const DeathSeen& seen, std::int64_t killed, std::uint32_t calls) {
  const std::int64_t failing = seen.failed == 0 ? 0 : seen.last_failure - killed;
  return {"body killed: " + std::to_string(seen.failed) + " calls failed in " + milliseconds_text(failing) +
              ", restarted in " + milliseconds_text(seen.answered - killed) + ", " +
              std::to_string(seen.hung) + " hung, " + std::to_string(seen.left_over) + " left over",
          seen.hung == 0 && seen.left_over == 0 && seen.failed == calls};
}

Trials::Trials(const vagus::Supervisor& body, vagus::ApiArb& first, const SecondHead& second,
               const Look& look, std::function<void()> news)
    : body_(body), first_(first), second_(second.api()), look_(look), news_(std::move(news)) {}

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
  constexpr std::uint32_t here = 2;
  constexpr std::uint32_t there = 1;
  second_.prepare(there).call();
  first_.prepare(here);
  const pid_t process = process_of(body_);

  const std::int64_t begin = now();
  ::kill(process, SIGKILL);
  const auto of_second = second_.death().async();
  DeathSeen seen = first_.death();
  const DeathSeen other = of_second.get();

  seen.failed += other.failed;
  seen.hung += other.hung;
  seen.left_over += other.left_over;
  seen.left_over += std::filesystem::exists("/proc/" + std::to_string(process)) ? 1U : 0U;  // a zombie
  seen.last_failure = std::max(seen.last_failure, other.last_failure);
  seen.answered = std::max(seen.answered, other.answered);
  return report_of_death(seen, begin, here + there);
}

Report Trials::try_freeze() {
  constexpr std::chrono::nanoseconds timeout = 300ms;
  second_.answered().call();
  static_cast<void>(first_.answered());
  FrostSeen here;
  FrostSeen there;
  {
    const Frozen frozen(process_of(body_));
    const auto of_second = second_.frost(timeout.count()).async();
    here = first_.frost(timeout);
    there = of_second.get();
  }
  const std::int64_t thawed = now();
  const auto of_second = second_.answered().async();
  const std::int64_t answered = first_.answered();
  const bool as_promised = here.timed_out && there.timed_out;
  return {"body frozen: 2 calls gave up in " +
              milliseconds_text(std::max(here.gave_up_after, there.gave_up_after)) +
              " of 300; let go, the next took " +
              milliseconds_text(std::max(answered, of_second.get()) - thawed),
          as_promised};
}

Report Trials::try_flood() {
  constexpr std::chrono::nanoseconds duration = 1s;
  static_cast<void>(first_.answered());
  const auto of_second = second_.flood(duration.count()).async();
  const QuietSeen quiet = first_.quiet(duration);
  const FloodSeen flood = of_second.get();
  return {"flooded: " + std::to_string(flood.made) + " calls of head 2, " + std::to_string(flood.refused) +
              " refused; head 1: p50 " + duration_text(quiet.median, look_) + ", p99 " +
              duration_text(quiet.p99, look_),
          true};
}

}  // namespace sysmon
