/// One solicited call, from its creation to its end.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <vagus/core/deadline.hpp>
#include <vagus/core/error.hpp>
#include <vagus/core/executor.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/peer.hpp>
#include <vagus/core/transaction_id.hpp>

namespace vagus {

/// Sends parts ahead of an answer. All functions are safe from any thread.
class ProgressSource {
 public:
  virtual ~ProgressSource() = default;
  /// So many more parts were taken: as many more may be sent.
  virtual void acknowledged(std::uint64_t parts) noexcept = 0;
};

enum class TransactionState : std::uint8_t {
  pending,    ///< built, waiting to be sent, or sent
  completed,  ///< the answer came
  failed,     ///< an error came in its place
  timed_out,
  cancelled
};

const char* to_string(TransactionState state) noexcept;

/// One call. Ends exactly once, whoever comes first: the answer, the deadline, a cancellation, the end of the
/// link.
///
/// All functions are safe from any thread. What led to the end is visible to whoever has seen done().
class Transaction {
 public:
  /// Told once when a transaction ends; see watch().
  class Watcher {
   public:
    virtual ~Watcher() = default;
    /// Called with a lock of the transaction held: wake somebody and return.
    virtual void ended() noexcept = 0;

   private:
    friend class Transaction;
    Watcher* next_ = nullptr;  // guarded by the transaction's mutex_
  };

  /// Told of one transaction; see observe(). Safe from any thread.
  class Observer {
   public:
    virtual ~Observer() = default;
    /// It is about to be sent to this peer.
    virtual void sending(const Peer& peer) noexcept = 0;
    /// Called once, by the thread that ends it and under no lock, before anybody else sees the end. `error`
    /// is null if it has completed.
    virtual void ended(const Transaction& transaction, TransactionState state, const Error* error,
                       Duration elapsed) noexcept = 0;
  };

  Transaction(std::shared_ptr<const std::string> name_space, Deadline deadline)
      : Transaction(std::move(name_space), Deadline::now(), deadline) {}
  /// `now`: read just before.
  Transaction(std::shared_ptr<const std::string> name_space, TimePoint now, Deadline deadline);
  virtual ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// None until the call was filed for sending.
  TransactionId id() const noexcept { return TransactionId{id_.load(std::memory_order_relaxed)}; }
  const std::string& name_space() const noexcept { return *name_space_; }
  Deadline deadline() const noexcept { return Deadline{deadline_.load(std::memory_order_relaxed)}; }
  TimePoint began() const noexcept { return began_; }

  TransactionState state() const noexcept {
    // PAIR transaction-ended: whoever sees an end here sees the value or error that led to it.
    return state_.load(std::memory_order_acquire);
  }
  bool done() const noexcept { return state() != TransactionState::pending; }

  /// From creation to the end, or to now; to now, if forgo_elapsed() was called.
  Duration elapsed() const noexcept;
  /// Nobody will ask for elapsed(): the clock is not read at the end. Before anybody else knows of this
  /// transaction.
  void forgo_elapsed() noexcept { measured_ = false; }

  /// Has `observer` told of it, and the clock read at its end. Before anybody else knows of this transaction.
  void observe(std::shared_ptr<Observer> observer) noexcept { observer_ = std::move(observer); }
  /// Null if nobody observes it.
  Observer* observer() const noexcept { return observer_.get(); }
  /// Has failing() called if it ends with an error. Before anybody else knows of this transaction.
  void count_failure() noexcept { counts_failure_ = true; }

  /// The error it ended with; empty if it has not ended, or well.
  ErrorPtr error() const noexcept { return done() ? error_ : nullptr; }

  /// The context that an error about this call has.
  ErrorContext context(Execution execution) const noexcept { return {name_space(), id(), execution}; }

  // Ending it
  // ---------------------------------------------------------------------------------------------------

  /// Ends it with the answer; a result that does not decode to what was expected ends it with
  /// ContractMismatchError. False if it had ended, or was ending, before.
  bool complete(std::span<const std::byte> result) {
    return complete(result, [] {});
  }
  /// The same; `completing` is called if it completes, before anybody else sees that.
  template <typename Function>
  bool complete(std::span<const std::byte> result, Function completing) {
    if (!claim_end()) return false;
    ErrorPtr mismatch = try_take(result);
    if (mismatch) {
      finish(TransactionState::failed, std::move(mismatch));
    } else {
      completing();
      finish(TransactionState::completed, nullptr);
    }
    return true;
  }
  bool fail(ErrorPtr error) { return end(TransactionState::failed, std::move(error)); }
  bool time_out(ErrorPtr error) { return end(TransactionState::timed_out, std::move(error)); }
  bool cancel(ErrorPtr error) { return end(TransactionState::cancelled, std::move(error)); }
  /// Cancels it and tells whoever handles it, as far as it knows how. False if it had ended, or was ending,
  /// before.
  virtual bool give_up();
  /// Only when it has ended, or is ending: an end that is held back waits no longer for what has not begun.
  /// Called by whoever wants to end it otherwise and comes too late, and once nobody is left to run that.
  virtual void hurry();

  // What comes before its end
  // -----------------------------------------------------------------------------------

  /// Has its timeout begin anew with each part, though not beyond `limit`. Before anybody else knows of this
  /// transaction.
  void renew_with_progress(Duration timeout, Deadline limit) noexcept;
  /// That timeout; none if its deadline stays where it is.
  std::optional<Duration> renewed_timeout() const noexcept { return renewed_timeout_; }
  /// When the handler has to give up: as deadline(), unless that is renewed.
  Deadline final_deadline() const noexcept { return renewed_timeout_ ? renewal_limit_ : deadline(); }
  /// A part has come.
  void note_progress() noexcept;

  /// So many parts may have been sent that were not taken yet; 0: it wants none.
  virtual std::uint32_t progress_window() const noexcept { return 0; }
  /// One part: progress, or a piece of the result. By one thread at a time, in their order. False: more have
  /// come than it allowed. Throws what says why it does not fit.
  virtual bool progress(std::span<const std::byte> part);
  /// Whom to tell that parts were taken, if that is somebody in this process.
  virtual void progress_from(std::weak_ptr<ProgressSource> source);

  // What follows its end
  // ----------------------------------------------------------------------------------------

  /// Runs `work` on `on` when it has ended, at once if it has already. `on` null: on the thread that ends it,
  /// where it must not block. No lock is held.
  void then(std::shared_ptr<Executor> on, std::function<void()> work);

  /// Has `watcher` told of the end, before anybody else knows of this transaction.
  void watch_first(Watcher& watcher) noexcept;
  /// Has `watcher` told of the end. False, and it will not be told, if it has ended already.
  bool watch(Watcher& watcher);
  /// Afterwards `watcher` is not being told and will not be.
  void unwatch(Watcher& watcher);

  /// Waits without helping anybody; for programs and tests without an arbitrator. False at the deadline.
  bool wait(Deadline deadline);

  // For the DeadlineQueue
  // -----------------------------------------------------------------------------------------------

  void deadline_watched() noexcept { deadline_watched_.store(true); }
  bool is_deadline_watched() const noexcept { return deadline_watched_.load(); }

  // The call chain that it has begun, for who makes it
  // -------------------------------------------

  /// By the thread that makes it, before any other knows of it.
  void begin_chain(std::uint64_t root) noexcept { own_chain_ = root; }
  /// 0: none; it is part of another one, or of none.
  std::uint64_t own_chain() const noexcept { return own_chain_; }

  // Which link it went out on, for who sends it
  // -------------------------------------------------------

  /// In place of a link: the call is handled in this process, and has no id.
  static constexpr std::uint64_t own_process = ~std::uint64_t{0};
  /// Likewise: it is made of calls on any number of links.
  static constexpr std::uint64_t several_links = own_process - 1;
  /// Likewise: that one was lost, and it waits for another one to be sent again.
  static constexpr std::uint64_t lost_link = several_links - 1;

  void filed(TransactionId id, std::uint64_t link) noexcept;
  /// 0: none yet.
  std::uint64_t link() const noexcept { return link_.load(std::memory_order_relaxed); }
  /// What can be said of whether it has run, as long as nobody has told.
  Execution execution() const noexcept { return link() != 0 ? Execution::unknown : Execution::not_sent; }

 protected:
  /// Decodes and keeps the result. Called at most once, by the thread that ends it, before the end is
  /// visible. Throws what says why it does not fit.
  virtual void take(std::span<const std::byte> result) = 0;

  /// Asked by the thread that ends it: true keeps the end back, with what it is, until finish() is called
  /// again. For who has to do something first that others must see before the end.
  virtual bool hold_end(TransactionState state, const ErrorPtr& error);

  /// After count_failure(): it ends with this error, and nobody else sees the end yet. Called once at most,
  /// under no lock.
  virtual void failing(const Error& error) noexcept;

  bool end(TransactionState state, ErrorPtr error);
  /// True for exactly one caller: that one ends it with finish().
  bool claim_end() noexcept;
  void finish(TransactionState state, ErrorPtr error);
  /// Something of the user's did not run, since an exception was thrown where it should have.
  void log_lost(const char* why) const noexcept;

 private:
  friend class DeadlineQueue;
  struct Follower {
    std::shared_ptr<Executor> on;
    std::function<void()> work;
  };
  /// Where a DeadlineQueue keeps it; guarded by that queue's lock.
  struct DeadlineNode {
    std::shared_ptr<Transaction> self;  // empty: it does not
    Transaction* previous = nullptr;
    Transaction* next = nullptr;
    std::uint8_t level = 0;
    std::uint8_t slot = 0;
  };
  void run(Follower& follower) noexcept;
  /// take(); what it throws is the error.
  ErrorPtr try_take(std::span<const std::byte> result);

  const std::shared_ptr<const std::string> name_space_;
  const TimePoint began_;
  std::atomic<TimePoint> deadline_;  // relaxed: a renewal that is seen late is looked for when it has passed
  std::optional<Duration> renewed_timeout_;  // this and the next are constant once others know of it
  Deadline renewal_limit_;
  std::atomic<std::uint32_t> id_{0};    // relaxed: handed to other threads under the manager's lock
  std::atomic<std::uint64_t> link_{0};  // likewise

  std::atomic<bool> deadline_watched_{false};  // seq_cst; set before the queue holds it
  DeadlineNode deadline_node_;

  // Constant once others know of this transaction.
  bool measured_ = true;
  bool counts_failure_ = false;
  std::uint64_t own_chain_ = 0;
  std::shared_ptr<Observer> observer_;

  std::atomic<bool> ending_{false};  // relaxed: only who is first matters, whose writing state_ publishes
  std::atomic<TransactionState> state_{TransactionState::pending};
  ErrorPtr error_;     // written by the one that ends it, before state_
  TimePoint ended_{};  // likewise

  mutable Mutex mutex_;
  Watcher* watchers_ VAGUS_GUARDED_BY(mutex_) = nullptr;
  std::vector<Follower> followers_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
