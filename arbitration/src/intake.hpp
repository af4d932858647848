/// The queue of one API, and the right to run its handlers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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

#include "counters.hpp"
#include "foreign_loop.hpp"

namespace vagus {

class Intake;

/// What never overlaps and keeps its order: the methods of one serial scope, or the events that one
/// subscriber gets from one peer.
struct Strand {
  std::string scope = {};
  const void* subscriber = nullptr;  ///< null: it is a scope
  std::uint64_t link = 0;

  /// True for work that belongs to none.
  bool empty() const noexcept { return subscriber == nullptr && scope.empty(); }
  friend bool operator==(const Strand&, const Strand&) = default;
};

struct StrandHash {
  std::size_t operator()(const Strand& strand) const noexcept {
    if (strand.subscriber == nullptr) return std::hash<std::string>{}(strand.scope);
    return std::hash<const void*>{}(strand.subscriber) + 31 * strand.link;
  }
};

/// Something for a worker to do. Made by make_shared.
class Work : public std::enable_shared_from_this<Work> {
 public:
  explicit Work(Priority priority, Strand strand = {}) : priority_(priority), strand_(std::move(strand)) {}
  virtual ~Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  /// Runs it, once. When all of it is done, before this returns or later, it calls end_turn(). Throws
  /// nothing.
  virtual void run() = 0;

  /// So many may wait behind it in its strand; 0: as many as the intake has room for. `drops_oldest`: the one
  /// that has waited longest makes way then.
  virtual std::size_t strand_capacity() const noexcept { return 0; }
  virtual bool drops_oldest() const noexcept { return false; }
  /// Is there a place for it, however much else waits?
  virtual bool has_own_place() const noexcept { return false; }
  /// It was not taken in: false if it is run all the same, by somebody else who has it too.
  virtual bool withdraw() noexcept { return true; }
  /// There is no room for it, or none any more. Under no lock; it is not run. Throws nothing.
  virtual void lost() {}

  Priority priority() const noexcept { return priority_; }
  const Strand& strand() const noexcept { return strand_; }

 protected:
  /// It runs as soon as it has arrived, without having waited.
  bool at_once() const noexcept { return at_once_; }
  /// The next work of the strand may run.
  void end_turn() noexcept;
  /// From now on it is this work's end that ends the turn of `other`.
  void take_turn_of(Work& other) noexcept { turn_of_ = std::move(other.turn_of_); }

 private:
  friend class Intake;

  const Priority priority_;
  const Strand strand_;
  std::shared_ptr<Intake>
      turn_of_;           // while it has its strand's turn there; belongs to the thread that runs it
  bool at_once_ = false;  // likewise
};

/// Lets at most so many pieces of work run at once, in the order of their priority and arrival; bounded. Work
/// that waits is run by threads of the event loop, which have to be at least as many as the workers of all
/// intakes together; or, if there is a foreign loop, only where that is processed.
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

  /// `workers` 0: everything that a reader admits is run by it, inline; with a foreign loop, as 1.
  /// `failed` counts the callbacks that an exception left.
  Intake(EventLoop& loop, std::shared_ptr<ForeignLoop> foreign, Log& log, Counter& failed, unsigned workers,
         std::size_t capacity);

  /// How much work waits, callbacks not counted.
  std::size_t waiting() const;
  /// No workers.
  bool runs_inline() const noexcept { return inline_; }

  /// `may_run_now`: the caller is a thread that may run handlers.
  Admission admit(const std::shared_ptr<Work>& work, bool may_run_now);
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

  /// Takes nothing in any more but callbacks, and gives back what waits.
  std::deque<std::shared_ptr<Work>> close();
  /// The threads of the loop have ended: runs the callbacks that are left. From here on the loop, the log and
  /// the counter may be gone; results of calls keep this object, and may be waited for or followed still.
  void finish();

 private:
  friend class Work;

  struct Line {
    bool busy = false;
    std::deque<std::shared_ptr<Work>> waiting;
  };

  /// What is run next.
  struct Piece {
    std::function<void()> callback;
    std::shared_ptr<Work> work;
  };

  bool idle() const VAGUS_REQUIRES(mutex_);
  bool take(Piece& piece) VAGUS_REQUIRES(mutex_);
  void run(const Piece& piece);
  void push(std::shared_ptr<Work> work) VAGUS_REQUIRES(mutex_);
  /// Has a thread of the loop run what waits, if one more may.
  void call_worker() VAGUS_REQUIRES(mutex_);
  /// With the right of one worker, which it gives up in the end.
  void work_off();
  void run(Work& work);
  void strand_over(const Strand& strand);

  EventLoop& loop_;
  const std::shared_ptr<ForeignLoop> foreign_;  // null: there is none
  Log& log_;
  Counter& failed_;
  const bool inline_;
  const std::size_t workers_;
  const std::size_t capacity_;

  mutable Mutex mutex_;
  std::size_t running_ VAGUS_GUARDED_BY(mutex_) = 0;  // at most workers_
  std::size_t waiting_ VAGUS_GUARDED_BY(mutex_) = 0;  // of work in queues_ and strands_
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
  bool finished_ VAGUS_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> callbacks_ VAGUS_GUARDED_BY(mutex_);
  std::array<std::deque<std::shared_ptr<Work>>, 3> queues_ VAGUS_GUARDED_BY(mutex_);  // high, normal, low
  std::unordered_map<Strand, Line, StrandHash> strands_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
