/// The queue of one API, and the right to run its handlers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/executor.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>

#include "blocked_workers.hpp"
#include "counters.hpp"
#include "foreign_loop.hpp"
#include "work.hpp"

namespace vagus {

/// Lets at most so many pieces of work run at once, in the order of their priority and arrival; bounded. Work
/// that waits is run by threads of the event loop, which have to be at least as many as the workers of all
/// intakes together; or, if there is a foreign loop, only where that is processed. Work of a call chain may
/// be run earlier, by a worker of any intake that is blocked in a call of that chain: such workers are what
/// it waits for else, or wait for it.
///
/// Callbacks and coroutines that go on (execute()) come first, and are never refused: who made them possible
/// has reserved for them by keeping the number of pending calls bounded. All functions are safe from any
/// thread.
class Intake final : public Executor, public std::enable_shared_from_this<Intake> {
 public:
  enum class Admission {
    run_now,  ///< the right to run it is the caller's, who calls run_admitted() next
    taken,    ///< it waits, or somebody runs it
    full,
    closed
  };

  /// `workers` 0: everything that a reader admits is run by it, inline; with a foreign loop, as 1.
  /// `failed` counts the callbacks that an exception left.
  Intake(EventLoop& loop, std::shared_ptr<ForeignLoop> foreign, std::shared_ptr<BlockedWorkers> blocked,
         Log& log, Counter& failed, unsigned workers, std::size_t capacity);

  /// How much work waits, callbacks not counted.
  std::size_t waiting() const;
  /// No workers.
  bool runs_inline() const noexcept { return inline_; }

  /// `may_run_now`: the caller is a thread that may run handlers.
  Admission admit(const std::shared_ptr<Work>& work, bool may_run_now, const CallChain& chain);
  /// Runs it. Then comes either of the next two.
  void run_admitted(const std::shared_ptr<Work>& work);
  /// Runs what waits, too.
  void go_on();
  /// Has another thread run what waits.
  void hand_on();

  /// For the foreign loop, which was told that there is something: runs one piece, callbacks first. False if
  /// it was taken away meanwhile.
  bool run_one();
  bool has_callbacks();

  /// Callbacks: what they throw is logged. After finish() each is run at once, on the thread that comes with
  /// it.
  void execute(std::function<void()> work) override;

  /// Tells all calls that nobody waits for to stop: those that run, and those that are run from now on.
  void stop_unsolicited() noexcept;
  /// Takes nothing in any more but callbacks, and gives back what waits.
  std::deque<std::shared_ptr<Work>> close();
  /// The threads of the loop have ended: runs the callbacks that are left. From here on the loop, the log and
  /// the counter may be gone; results of calls keep this object, and may be waited for or followed still.
  void finish();

 private:
  friend class Work;
  class Early;

  /// What is run next.
  struct Piece {
    std::function<void()> callback;
    std::shared_ptr<Work> work;
  };

  Admission admit(const std::shared_ptr<Work>& work, bool may_run_now);
  bool idle() const VAGUS_REQUIRES(mutex_);
  std::deque<std::shared_ptr<Work>>& queue_of(Priority priority) VAGUS_REQUIRES(mutex_);
  bool take(Piece& piece) VAGUS_REQUIRES(mutex_);
  void run(const Piece& piece);
  void push(std::shared_ptr<Work> work) VAGUS_REQUIRES(mutex_);
  /// Has a thread of the loop run what waits, if one more may.
  void call_worker() VAGUS_REQUIRES(mutex_);
  /// With the right of one worker, which it gives up in the end.
  void work_off();
  /// `early`: by a worker that is blocked.
  void run(Work& work, Work::Turn turn, bool early);
  /// Of work that it has to know the end of.
  void over(Work& work);
  /// It is over. True if a worker that is blocked may run what has the turn now.
  bool hand_turn_on(const Work& work) VAGUS_REQUIRES(mutex_);
  /// It waits no more: it is run now, or given to whoever answers it without a run.
  void note_taken(Work& work) VAGUS_REQUIRES(mutex_);
  /// The same, and it is run; unsolicited work is listed until its end.
  void begin_run(Work& work) VAGUS_REQUIRES(mutex_);
  void unlist(const Work& work) VAGUS_REQUIRES(mutex_);

  // Before its time, in intake_chains.cpp
  static bool may_run_inside(const StrandLine& line, const Work& work, const detail::ContextScope* stack);
  ChainTask::Answer give_early(const std::shared_ptr<Work>& work, Sleeper& sleeper,
                               const detail::ContextScope* stack);
  bool keep_offered(Work& work, std::uint64_t chain, const ChainTask& task);
  void withdraw_offer(Work& work) noexcept;
  std::shared_ptr<Work> take_out_of_queue(const Work& work) VAGUS_REQUIRES(mutex_);
  void take_out(const Work& work) VAGUS_REQUIRES(mutex_);
  void give_turn(Work& work) VAGUS_REQUIRES(mutex_);

  EventLoop& loop_;
  const std::shared_ptr<ForeignLoop> foreign_;  // null: there is none
  const std::shared_ptr<BlockedWorkers> blocked_;
  Log& log_;
  Counter& failed_;
  const bool inline_;
  const std::size_t workers_;
  const std::size_t capacity_;

  mutable Mutex mutex_;
  std::size_t running_ VAGUS_GUARDED_BY(mutex_) = 0;  // at most workers_
  std::size_t waiting_ VAGUS_GUARDED_BY(mutex_) = 0;  // of work in queues_ and strands_
  std::size_t offered_ VAGUS_GUARDED_BY(mutex_) = 0;  // of those: that blocked workers may take
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
  bool finished_ VAGUS_GUARDED_BY(mutex_) = false;
  Work* unsolicited_ VAGUS_GUARDED_BY(mutex_) = nullptr;  // the first of those that run
  // Unsolicited work is told to stop before it runs. Written under mutex_, and relaxed: whoever runs what has
  // begun since sees it, what had begun before is told as one of those.
  std::atomic<bool> stopping_{false};
  std::deque<std::function<void()>> callbacks_ VAGUS_GUARDED_BY(mutex_);
  std::array<std::deque<std::shared_ptr<Work>>, 3> queues_ VAGUS_GUARDED_BY(mutex_);  // high, normal, low
  std::unordered_map<Strand, StrandLine, StrandHash> strands_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
