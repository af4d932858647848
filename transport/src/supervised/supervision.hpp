#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/core/listeners.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/worker_pool.hpp>
#include <vagus/transport/supervisor.hpp>

#include "shm/dialer.hpp"
#include "supervised/body_process.hpp"
#include "supervised/launch.hpp"
#include "supervised/restart_plan.hpp"

namespace vagus::transport::supervised {

/// What stands behind a Supervisor; endpoints that were made of it hold it too, so that they may outlive it.
///
/// One thread, the keeper, starts the body, waits for its end, and starts it again. It lives as long as the
/// Supervisor, since the kernel kills a child when the thread that made it ends. Listeners are called on
/// another one, so that they may wait for what the keeper does. All functions are safe from any thread.
///
/// A forked child has a copy without these threads, of a body that is its parent's: what waits or ends there
/// only returns, what begins something throws TransportFinishedError.
class Supervision {
 public:
  Supervision(LaunchPlan plan, SupervisorOptions options);
  ~Supervision();
  Supervision(const Supervision&) = delete;
  Supervision& operator=(const Supervision&) = delete;

  const std::string& name() const noexcept { return options_.name; }
  Duration grace() const noexcept { return options_.grace; }

  void start();
  void stop(Duration grace);
  /// Stops for good and joins the threads. Not from a listener.
  void finish();
  /// Is this process forked from the one that made it? Then it cannot be destroyed, with its threads.
  bool left_home() const noexcept { return home_.left(); }

  SupervisorState state() const;
  /// -1: none runs.
  std::int64_t process_id() const;
  Registration on_state(std::function<void(const SupervisorEvent&)> listener);

  /// For a link: see shm::Dialer::dial(). Starts the body if nobody ever has.
  std::optional<shm::Dialled> dial();

 private:
  /// Throws TransportFinishedError in a forked child.
  void check_home() const;
  void order_start() VAGUS_REQUIRES(mutex_);
  std::optional<std::string> why_nobody() const VAGUS_REQUIRES(mutex_);

  // On the keeper's thread.
  void keep();
  /// False: there will be none any more.
  bool await_order();
  void supervise();
  ProcessExit run_once();
  /// What follows from an end: the pause before the next start; empty if there is none.
  std::optional<Duration> settle(const ProcessExit& exit, RestartPlan& plan);
  /// False: stopped meanwhile.
  bool rest(Duration pause);
  bool restarts_after(const ProcessExit& exit) const noexcept;

  void change(SupervisorEvent event) VAGUS_REQUIRES(mutex_);
  void finish_with(SupervisorEvent event) VAGUS_REQUIRES(mutex_);
  void log(LogLevel level, const std::string& what);

  // Constant after construction.
  const LaunchPlan plan_;
  const SupervisorOptions options_;
  const detail::HomeProcess home_;
  Log own_log_;
  Log& log_;

  // Each guards itself.
  EventLoop telling_;
  WorkerPool teller_{telling_};
  detail::Listeners<SupervisorEvent> listeners_;

  mutable Mutex mutex_;
  std::condition_variable changed_;
  std::thread keeper_ VAGUS_GUARDED_BY(mutex_);
  bool ordered_ VAGUS_GUARDED_BY(mutex_) = false;     // to be started
  bool active_ VAGUS_GUARDED_BY(mutex_) = false;      // ordered, and not settled for good yet
  std::uint64_t round_ VAGUS_GUARDED_BY(mutex_) = 0;  // which order it is
  bool finished_ VAGUS_GUARDED_BY(mutex_) = false;    // no order is taken any more, and the keeper is to end
  int signal_ VAGUS_GUARDED_BY(mutex_) = 0;           // by which it is being stopped; 0: it is not
  SupervisorEvent last_ VAGUS_GUARDED_BY(mutex_);     // what was told last
  TimePoint next_start_ VAGUS_GUARDED_BY(mutex_){};
  std::shared_ptr<BodyProcess> process_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::transport::supervised
