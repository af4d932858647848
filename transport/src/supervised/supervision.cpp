#include "supervised/supervision.hpp"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/error.hpp>

namespace vagus::transport::supervised {

namespace {

/// One after the other, on the one thread of a loop.
class LoopExecutor final : public Executor {
 public:
  explicit LoopExecutor(EventLoop& loop) noexcept : loop_(loop) {}
  void execute(std::function<void()> work) override { loop_.post(std::move(work)); }

 private:
  EventLoop& loop_;
};

/// Handlers of the program's signals run on its own threads, and never in a child that is just being made.
void block_signals() noexcept {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

std::string in_milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

ProcessExit not_started(const char* why) {
  ProcessExit exit;
  exit.how = ProcessExit::How::not_started;
  exit.why = why;
  return exit;
}

}  // namespace

Supervision::Supervision(LaunchPlan plan, SupervisorOptions options)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      log_(options_.log ? *options_.log : own_log_),
      listeners_(std::make_shared<LoopExecutor>(telling_), log_,
                 {.on_workers = false, .failed = [] {}, .described_as = "listener of a Supervisor"}) {}

Supervision::~Supervision() = default;

void Supervision::check_home() const {
  if (!home_.left()) return;
  throw TransportFinishedError("this process was forked from the one that made the Supervisor " +
                               options_.name + ": make a new one here");
}

// Orders
// -----------------------------------------------------------------------------------------------------------

void Supervision::start() {
  check_home();
  MutexLock lock(mutex_);
  if (!active_ && !finished_) order_start();
}

void Supervision::order_start() {
  if (!keeper_.joinable()) {
    teller_.resize(1);
    keeper_ = std::thread([this] { keep(); });
  }
  ordered_ = active_ = true;
  ++round_;
  changed_.notify_all();
}

void Supervision::stop(Duration grace) {
  if (home_.left()) return;  // the body is the parent's, as is the thread that would wait for its end
  Deadline deadline = Deadline::after(grace);
  MutexLock lock(mutex_);
  if (last_.state == SupervisorState::idle && !active_) change({SupervisorState::stopped, {}, -1, {}, {}});
  if (active_ && signal_ == 0) {  // a second SIGTERM would kill a body that has begun to end
    signal_ = SIGTERM;
    if (process_) process_->signal(signal_);
    changed_.notify_all();
  }
  // Not beyond this round: another thread may start it again as soon as it has ended.
  const auto round = round_;
  const auto goes_on = [&]() VAGUS_REQUIRES(mutex_) { return active_ && round_ == round; };
  while (goes_on()) {
    if (wait_until(changed_, lock, deadline) || !goes_on()) continue;
    deadline = Deadline::never();
    if (signal_ == SIGKILL) continue;
    signal_ = SIGKILL;
    log(LogLevel::warning, "has not ended " + in_milliseconds(grace) + " after SIGTERM, and is killed");
    if (process_) process_->signal(signal_);
  }
}

void Supervision::finish() {
  if (home_.left()) return;
  std::thread keeper;
  {
    MutexLock lock(mutex_);
    finished_ = true;
    changed_.notify_all();
    keeper.swap(keeper_);
  }
  stop(options_.grace);
  if (keeper.joinable()) keeper.join();
  telling_.finish();
  teller_.join();
}

// Questions
// -----------------------------------------------------------------------------------------------------------

SupervisorState Supervision::state() const {
  if (home_.left()) return SupervisorState::stopped;  // the lock may be held for ever
  MutexLock lock(mutex_);
  return last_.state;
}

std::int64_t Supervision::process_id() const {
  if (home_.left()) return -1;
  MutexLock lock(mutex_);
  return process_ ? process_->id() : -1;
}

Registration Supervision::on_state(std::function<void(const SupervisorEvent&)> listener) {
  check_home();
  {
    // It may be stopped without ever having been started.
    MutexLock lock(mutex_);
    if (!finished_) teller_.resize(1);
  }
  return listeners_.add(std::move(listener));
}

std::optional<shm::Dialled> Supervision::dial() {
  check_home();
  std::shared_ptr<BodyProcess> process;
  {
    MutexLock lock(mutex_);
    if (last_.state == SupervisorState::idle && !active_ && !finished_) order_start();
    if (const auto why = why_nobody()) throw TransportDisconnectedError(*why);
    process = process_;
  }
  if (!process) return std::nullopt;
  posix::FileDescriptor socket = process->open_socket();
  if (!socket) return std::nullopt;
  // The socket's own credentials are those of whoever made it, which is this process.
  const Credentials peer{.process_id = process->id(), .user_id = ::geteuid(), .group_id = ::getegid()};
  return shm::Dialled{std::move(socket), peer, std::move(process)};
}

/// Empty: somebody is there, or will be at once.
std::optional<std::string> Supervision::why_nobody() const {
  const std::string end = last_.exit ? "it " + last_.exit->to_string() : std::string();
  switch (last_.state) {
    case SupervisorState::idle:
    case SupervisorState::running:
      break;
    case SupervisorState::restarting: {
      const Duration left = next_start_ - Deadline::now();
      if (last_.pause > Duration::zero() && left > Duration::zero()) {
        return end + ", and is started again in " + in_milliseconds(left);
      }
      break;
    }
    case SupervisorState::ended:
      if (!active_) return end + ", and is not started again (Restart::" + to_string(options_.restart) + ")";
      break;
    case SupervisorState::given_up:
      if (!active_) {
        return end + ", and is given up: it was started again " + std::to_string(options_.max_restarts) +
               " times within " + in_milliseconds(options_.within);
      }
      break;
    case SupervisorState::stopped:
      if (!active_) return "it was stopped by its Supervisor";
      break;
  }
  return std::nullopt;
}

// The keeper
// -----------------------------------------------------------------------------------------------------------

void Supervision::keep() {
  block_signals();
  while (await_order()) supervise();
}

bool Supervision::await_order() {
  MutexLock lock(mutex_);
  while (true) {
    while (!ordered_ && !finished_) changed_.wait(lock.native());
    if (!std::exchange(ordered_, false)) return false;
    if (signal_ == 0) return true;
    finish_with({SupervisorState::stopped, {}, -1, {}, {}});  // stopped before it was started
  }
}

void Supervision::supervise() {
  RestartPlan plan(options_.max_restarts, options_.within, options_.pause);
  while (true) {
    const ProcessExit exit = run_once();
    const auto pause = settle(exit, plan);
    if (!pause || !rest(*pause)) return;
  }
}

ProcessExit Supervision::run_once() {
  std::shared_ptr<BodyProcess> process;
  try {
    process = std::make_shared<BodyProcess>(plan_);
  } catch (const Error& error) {
    return not_started(error.what());
  } catch (const std::exception& error) {
    return not_started(error.what());
  }
  {
    MutexLock lock(mutex_);
    process_ = process;
    change({SupervisorState::running, {}, process->id(), {}, {}});
    if (signal_ != 0) process->signal(signal_);  // stop() came while it was being started
  }
  log(LogLevel::info, "runs as process " + std::to_string(process->id()));
  return process->wait();
}

bool Supervision::restarts_after(const ProcessExit& exit) const noexcept {
  return options_.restart == Restart::always || (options_.restart == Restart::on_failure && exit.failed());
}

std::optional<Duration> Supervision::settle(const ProcessExit& exit, RestartPlan& plan) {
  const auto bad = exit.failed() ? LogLevel::warning : LogLevel::info;
  MutexLock lock(mutex_);
  SupervisorEvent event{SupervisorState::stopped, {}, process_ ? process_->id() : -1, exit, {}};
  process_.reset();
  if (signal_ != 0) {
    log(LogLevel::info, exit.to_string() + ", as it was asked to");
    finish_with(std::move(event));
    return std::nullopt;
  }
  if (!restarts_after(exit)) {
    log(bad, exit.to_string() + ", and is not started again");
    event.state = SupervisorState::ended;
    finish_with(std::move(event));
    return std::nullopt;
  }
  const auto pause = plan.next(Deadline::now());
  if (!pause) {
    log(LogLevel::error, exit.to_string() + ", and is given up after " +
                             std::to_string(options_.max_restarts) + " restarts within " +
                             in_milliseconds(options_.within));
    event.state = SupervisorState::given_up;
    finish_with(std::move(event));
    return std::nullopt;
  }
  log(bad, exit.to_string() + ", and is started again" +
               (*pause == Duration::zero() ? " at once" : " in " + in_milliseconds(*pause)));
  event.state = SupervisorState::restarting;
  event.pause = *pause;
  next_start_ = Deadline::now() + *pause;
  change(std::move(event));
  return pause;
}

bool Supervision::rest(Duration pause) {
  const Deadline end = Deadline::after(pause);
  MutexLock lock(mutex_);
  while (signal_ == 0 && wait_until(changed_, lock, end)) {
  }
  if (signal_ == 0) return true;
  finish_with({SupervisorState::stopped, {}, -1, last_.exit, {}});
  return false;
}

void Supervision::finish_with(SupervisorEvent event) {
  active_ = false;
  signal_ = 0;
  changed_.notify_all();
  change(std::move(event));
}

void Supervision::change(SupervisorEvent event) {
  event.name = options_.name;
  last_ = event;
  listeners_.emit(std::move(event));
}

void Supervision::log(LogLevel level, const std::string& what) {
  log_.write(level, "supervised body " + options_.name + " " + what);
}

}  // namespace vagus::transport::supervised
