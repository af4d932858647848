// The life of a transaction:
//
//   pending --claim_end()--> ending --finish()--> completed | failed | timed_out | cancelled
//
// claim_end() is won by exactly one thread; all others have lost and go away. Since the winner's end may be
// held back, see hold_end(), those of them that would have ended it otherwise than by an answer call hurry()
// first. Between the two steps the winner writes the value or the error, which nobody reads before finish()
// has published the state. Watchers and followers are registered under mutex_, and finish() publishes under
// it: so each is either told by finish(), or finds the transaction ended when it comes.

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <utility>

#include <vagus/core/log.hpp>
#include <vagus/core/transaction.hpp>

namespace vagus {

const char* to_string(TransactionState state) noexcept {
  switch (state) {
    case TransactionState::pending:
      return "pending";
    case TransactionState::completed:
      return "completed";
    case TransactionState::failed:
      return "failed";
    case TransactionState::timed_out:
      return "timed_out";
    case TransactionState::cancelled:
      return "cancelled";
  }
  return "?";
}

Transaction::Transaction(std::shared_ptr<const std::string> name_space, TimePoint now, Deadline deadline)
    : name_space_(std::move(name_space)), began_(now), deadline_(deadline.at()) {}

Transaction::~Transaction() = default;

void Transaction::failing(const Error&) noexcept {}

Duration Transaction::elapsed() const noexcept {
  return (done() && measured_ ? ended_ : Deadline::now()) - began_;
}

void Transaction::filed(TransactionId id, std::uint64_t link) noexcept {
  id_.store(id.wire(), std::memory_order_relaxed);
  link_.store(link, std::memory_order_relaxed);
}

void Transaction::renew_with_progress(Duration timeout, Deadline limit) noexcept {
  renewed_timeout_ = timeout;
  renewal_limit_ = limit;
}

void Transaction::note_progress() noexcept {
  if (!renewed_timeout_) return;
  deadline_.store(std::min(Deadline::after(*renewed_timeout_), renewal_limit_).at(),
                  std::memory_order_relaxed);
}

bool Transaction::claim_end() noexcept { return !ending_.exchange(true, std::memory_order_relaxed); }

ErrorPtr Transaction::try_take(std::span<const std::byte> result) {
  try {
    take(result);
    return nullptr;
  } catch (const std::exception& mismatch) {
    return make_error<ContractMismatchError>(
        "the result of " + name_space() + " is not what was expected: " + mismatch.what(),
        context(Execution::ran));
  }
}

bool Transaction::end(TransactionState state, ErrorPtr error) {
  if (!claim_end()) {
    hurry();
    return false;
  }
  finish(state, std::move(error));
  return true;
}

bool Transaction::give_up() {
  if (done()) return false;
  return cancel(
      make_error<TransactionCancelled>(name_space() + " was cancelled", context(Execution::unknown)));
}

bool Transaction::progress(std::span<const std::byte>) { return true; }

void Transaction::progress_from(std::weak_ptr<ProgressSource>) {}

bool Transaction::hold_end(TransactionState, const ErrorPtr&) { return false; }

void Transaction::hurry() {}

void Transaction::finish(TransactionState state, ErrorPtr error) {
  if (hold_end(state, error)) return;
  error_ = std::move(error);
  if (measured_ || observer_) ended_ = Deadline::now();
  if (observer_) observer_->ended(*this, state, error_.get(), ended_ - began_);
  if (error_ && counts_failure_) failing(*error_);
  std::vector<Follower> followers;
  {
    MutexLock lock(mutex_);
    // PAIR transaction-ended
    state_.store(state, std::memory_order_release);
    for (Watcher* watcher = std::exchange(watchers_, nullptr); watcher != nullptr;) {
      Watcher* const next = std::exchange(watcher->next_, nullptr);
      watcher->ended();  // under the lock: unwatch() relies on it
      watcher = next;
    }
    followers.swap(followers_);
  }
  for (Follower& follower : followers) run(follower);
}

/// Whoever ends a call ends others after it: what is the user's, his executor above all, must not keep it
/// from that.
void Transaction::run(Follower& follower) noexcept {
  try {
    if (follower.on) {
      follower.on->execute(std::move(follower.work));
    } else {
      follower.work();
    }
  } catch (const std::exception& error) {
    log_lost(error.what());
  } catch (...) {
    log_lost("not a std::exception");
  }
}

void Transaction::log_lost(const char* why) const noexcept {
  try {
    Log().error("what was to follow " + name_space() + " is lost, by an exception: " + why);
  } catch (const std::exception&) {
    // No memory left to say so.
  }
}

void Transaction::then(std::shared_ptr<Executor> on, std::function<void()> work) {
  Follower follower{std::move(on), std::move(work)};
  {
    MutexLock lock(mutex_);
    if (!done()) {
      followers_.push_back(std::move(follower));
      return;
    }
  }
  run(follower);
}

void Transaction::watch_first(Watcher& watcher) noexcept VAGUS_NO_THREAD_SAFETY_ANALYSIS {
  watchers_ = &watcher;
}

bool Transaction::watch(Watcher& watcher) {
  MutexLock lock(mutex_);
  if (done()) return false;
  watcher.next_ = watchers_;
  watchers_ = &watcher;
  return true;
}

void Transaction::unwatch(Watcher& watcher) {
  MutexLock lock(mutex_);
  for (Watcher** link = &watchers_; *link != nullptr; link = &(*link)->next_) {
    if (*link == &watcher) {
      *link = std::exchange(watcher.next_, nullptr);
      return;
    }
  }
}

bool Transaction::wait(Deadline deadline) {
  class Waiter final : public Watcher {
   public:
    void ended() noexcept override {
      // Notified under the lock: once it is free, the waiter and this object may be gone.
      MutexLock lock(mutex_);
      ended_ = true;
      changed_.notify_one();
    }
    void wait(Deadline until) {
      MutexLock lock(mutex_);
      while (!ended_ && wait_until(changed_, lock, until)) {
      }
    }

   private:
    Mutex mutex_;
    std::condition_variable changed_;
    bool ended_ VAGUS_GUARDED_BY(mutex_) = false;
  };
  Waiter waiter;
  if (watch(waiter)) {
    waiter.wait(deadline);
    unwatch(waiter);
  }
  return done();
}

}  // namespace vagus
