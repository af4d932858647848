/// The queue of one API, and the right to run its handlers.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/executor.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/options.hpp>

namespace vagus {

/// Something for a worker to do.
class Work {
 public:
  /// Work of the same strand never overlaps and keeps its order; empty: of none.
  explicit Work(Priority priority, std::string strand = {})
      : priority_(priority), strand_(std::move(strand)) {}
  virtual ~Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  /// Calls `over` once when all of it is done, before it returns or later. Throws nothing.
  virtual void run(std::function<void()> over) = 0;

  Priority priority() const noexcept { return priority_; }
  const std::string& strand() const noexcept { return strand_; }

 private:
  const Priority priority_;
  const std::string strand_;
};

/// Lets at most so many pieces of work run at once, in the order of their priority and arrival; bounded. Work
/// that waits is run by threads of the event loop, which have to be at least as many as the workers of all
/// intakes together.
///
/// Callbacks and coroutines that go on (execute()) come first, and are never refused: who made them possible
/// has reserved for them by keeping the number of pending calls bounded. All functions are safe from any
/// thread.
class Intake final : public Executor, public std::enable_shared_from_this<Intake> {
 public:
  enum class Admission {
    run_now,  ///< the right to run it is the caller's, who calls run_admitted() next
    queued,
    full,
    closed
  };

  /// `workers` 0: everything that a reader admits is run by it, inline.
  Intake(EventLoop& loop, Log& log, unsigned workers, std::size_t capacity);

  /// Takes the work if it says `queued`; leaves it with the caller otherwise. `may_run_now`: the caller is a
  /// thread that may run handlers.
  Admission admit(std::unique_ptr<Work>& work, bool may_run_now);
  void run_admitted(std::unique_ptr<Work> work);

  /// Callbacks: what they throw is logged.
  void execute(std::function<void()> work) override;

  /// Takes nothing in any more but callbacks, and gives back what waits.
  std::deque<std::unique_ptr<Work>> close();

 private:
  struct Strand {
    bool busy = false;
    std::deque<std::unique_ptr<Work>> waiting;
  };

  bool idle() const VAGUS_REQUIRES(mutex_);
  void push(std::unique_ptr<Work> work) VAGUS_REQUIRES(mutex_);
  /// Has a thread of the loop run what waits, if one more may.
  void call_worker() VAGUS_REQUIRES(mutex_);
  void work_off();
  void run(std::unique_ptr<Work> work);
  void strand_over(const std::string& strand);

  EventLoop& loop_;
  Log& log_;
  const bool inline_;
  const std::size_t workers_;
  const std::size_t capacity_;

  Mutex mutex_;
  std::size_t running_ VAGUS_GUARDED_BY(mutex_) = 0;  // at most workers_
  std::size_t waiting_ VAGUS_GUARDED_BY(mutex_) = 0;  // of work in queues_ and strands_
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> callbacks_ VAGUS_GUARDED_BY(mutex_);
  std::array<std::deque<std::unique_ptr<Work>>, 3> queues_ VAGUS_GUARDED_BY(mutex_);  // high, normal, low
  std::unordered_map<std::string, Strand> strands_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
