/// What an intake queues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <vagus/core/call_context.hpp>
#include <vagus/core/options.hpp>

namespace vagus {

namespace detail {
class IncomingCall;
}

class ChainTask;
class Intake;
struct StrandLine;

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

  /// Runs it, once. When all of it is done, before this returns or later, it calls end_run(). Throws
  /// nothing.
  virtual void run() = 0;

  /// So many may wait behind it in its strand; 0: as many as the intake has room for. `drops_oldest`: the one
  /// that has waited longest makes way then.
  virtual std::size_t strand_capacity() const noexcept { return 0; }
  virtual bool drops_oldest() const noexcept { return false; }
  /// Is there a place for it, however much else waits?
  virtual bool has_own_place() const noexcept { return false; }
  /// Of the call that it runs; null: it runs none.
  virtual const detail::CallContext* context() const noexcept { return nullptr; }
  /// As run(), by a worker that is blocked in a call of the same chain, maybe below on its stack.
  virtual void run_early() { run(); }
  /// There is no room for it, or none any more. Under no lock; it is not run. Throws nothing.
  virtual void lost() {}
  /// Does nobody wait for the call that it runs? Then nobody but its intake tells that to stop.
  virtual bool unsolicited() const noexcept { return false; }
  /// That call, if it is unsolicited.
  virtual std::shared_ptr<detail::IncomingCall> call() const noexcept { return nullptr; }

  Priority priority() const noexcept { return priority_; }
  const Strand& strand() const noexcept { return strand_; }

 protected:
  /// It runs as soon as it has arrived, without having waited.
  bool at_once() const noexcept { return at_once_; }
  /// All of it is done: its turn passes on, and its intake forgets it. Once.
  void end_run() noexcept;

 private:
  friend class Intake;

  enum class Place : std::uint8_t { outside, waiting, taken };
  enum class Turn : std::uint8_t {
    none,
    own,
    inside  ///< it runs in the midst of one that has the turn
  };

  const Priority priority_;
  const Strand strand_;
  // Belong to the run: written before run() is called, read by its end_run(), on whatever thread.
  std::shared_ptr<Intake> ends_in_;  // which has to know of its end; null: none
  Turn turn_ = Turn::none;           // of its strand there
  bool at_once_ = false;

  // Guarded by the mutex of the intake. Once it is taken, offered_ and chain_ belong to whoever has it.
  Place place_ = Place::outside;
  StrandLine* line_ = nullptr;          // while it has the turn and has not begun
  const ChainTask* offered_ = nullptr;  // as what it is kept for workers that block in its call chain
  std::uint64_t chain_ = 0;             // that one
  Work* listed_before_ = nullptr;       // its neighbours among the unsolicited work that runs
  Work* listed_after_ = nullptr;
};

/// Who uses a strand, and who is behind. There is one for as long as somebody has the turn, which does not
/// end before what ran inside of it.
struct StrandLine {
  Work* next = nullptr;                                 ///< has the turn, and waits for a worker
  const detail::CallContext* running = nullptr;         ///< else: of what has it, until its end
  std::vector<const detail::CallContext*> inside = {};  ///< of what runs inside of that turn, innermost last
  std::deque<std::shared_ptr<Work>> waiting = {};

  bool used() const noexcept { return running != nullptr || !inside.empty(); }
};

}  // namespace vagus
