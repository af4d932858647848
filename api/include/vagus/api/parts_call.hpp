/// Calls that take something ahead of their answer.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <vagus/api/async_result.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/nested_wait.hpp>
#include <vagus/core/task.hpp>
#include <vagus/wire/outlives_message.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus::detail {

/// So many parts a handler may be ahead of its caller.
inline constexpr std::uint32_t parts_ahead = 64;

/// One call and the parts that have come and were not taken yet.
template <typename Part, typename T>
class PartsCall : public PendingCall<T> {
  static_assert(wire::outlives_message<Part>,
                "a part outlives its message: take a type that owns what it holds");

 public:
  using PendingCall<T>::PendingCall;

  std::uint32_t progress_window() const noexcept override { return parts_ahead; }
  void progress_from(std::weak_ptr<ProgressSource> source) override {
    source_ = std::move(source);
    from_here_ = true;
  }
  bool progress(std::span<const std::byte> bytes) override {
    wire::Reader reader(bytes);
    Part part = wire::unpack<Part>(reader);
    {
      MutexLock lock(mutex_);
      if (closed_) return true;
      if (!from_here_ && parts_.size() + taken_ >= parts_ahead) return false;
      parts_.push_back(std::move(part));
    }
    arrived();
    return true;
  }

 protected:
  /// One more part is there; by the thread that reads.
  virtual void arrived() = 0;

  std::optional<Part> pop() {
    MutexLock lock(mutex_);
    if (parts_.empty()) return std::nullopt;
    std::optional<Part> part(std::move(parts_.front()));
    parts_.pop_front();
    ++taken_;
    return part;
  }
  bool empty() const {
    MutexLock lock(mutex_);
    return parts_.empty();
  }
  /// Drops what was not popped, and whatever comes from now on.
  void close() {
    std::deque<Part> dropped;  // destroyed outside of the lock
    MutexLock lock(mutex_);
    closed_ = true;
    dropped.swap(parts_);
    lock.unlock();
  }
  /// What was popped is used up: the handler may go on. Told once for several.
  void acknowledge() {
    std::uint64_t taken = 0;
    {
      MutexLock lock(mutex_);
      if (taken_ < parts_ahead / 2 || this->done()) return;
      taken = std::exchange(taken_, 0);
    }
    if (const auto source = source_.lock()) {
      source->acknowledged(taken);
    } else if (const auto telling = this->host()) {
      telling->acknowledge(*this, taken);
    }
  }

 private:
  std::weak_ptr<ProgressSource> source_;  // empty: a peer; set before the first part
  bool from_here_ = false;  // likewise; by this process, which may send more: see IncomingCall::keep_progress
  mutable Mutex mutex_;
  std::deque<Part> parts_ VAGUS_GUARDED_BY(mutex_);
  std::uint64_t taken_ VAGUS_GUARDED_BY(mutex_) = 0;  // and not acknowledged
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
};

/// A call whose parts are fetched.
template <typename Part, typename T>
class StreamedCall final : public PartsCall<Part, T> {
 public:
  using PartsCall<Part, T>::PartsCall;

  /// Once it is made: has the waiting fetcher told of its end. `self` is this.
  void follow(const std::shared_ptr<StreamedCall>& self) {
    self_ = self;
    this->then(nullptr, [weak = std::weak_ptr(self)] {
      if (const auto call = weak.lock()) call->wake();
    });
  }

  /// The next part; empty when the call has ended and all were fetched, and at the deadline.
  std::optional<Part> fetch(Deadline deadline) {
    for (;;) {
      // In this order: what came before the end is there once the end is seen.
      const bool ended = this->done();
      if (auto part = this->pop()) {
        this->acknowledge();
        return part;
      }
      if (ended || !wait_for_more(deadline)) return std::nullopt;
    }
  }

 private:
  void arrived() override { wake(); }

  void wake() {
    std::shared_ptr<Signal> fetcher;
    {
      MutexLock lock(fetcher_mutex_);
      fetcher.swap(fetcher_);
    }
    if (fetcher) fetcher->give();
  }

  bool wait_for_more(Deadline deadline) {
    const auto signal = std::make_shared<Signal>();
    // Whoever waits reads the link of the call; what comes back of it may come over any that it gets later.
    signal->filed(TransactionId{}, this->link() != 0 ? this->link() : Transaction::several_links);
    signal->begin_chain(this->own_chain());
    {
      MutexLock lock(fetcher_mutex_);
      fetcher_ = signal;
    }
    const NestedWait nested(self_.lock());
    if (this->done() || !this->empty()) return true;
    if (const auto waiting = this->host()) {
      waiting->wait(*signal, deadline);
    } else {
      signal->wait(deadline);
    }
    return signal->done() || !deadline.passed();
  }

  std::weak_ptr<StreamedCall> self_;  // constant once it was made
  Mutex fetcher_mutex_;
  std::shared_ptr<Signal> fetcher_ VAGUS_GUARDED_BY(fetcher_mutex_);
};

/// A call whose parts go to a callback, one after the other; its end is seen after the last of them.
template <typename Part, typename T, typename Callback>
class ReportedCall final : public PartsCall<Part, T> {
 public:
  using PartsCall<Part, T>::PartsCall;

  /// Before it is made. `self` is this.
  void report_to(Callback callback, std::weak_ptr<ReportedCall> self) {
    callback_.emplace(std::move(callback));
    self_ = std::move(self);
  }

  void hurry() override {
    drop_reports();
    std::optional<End> end;
    {
      MutexLock lock(run_mutex_);
      if (!reporting_) end.swap(end_);
    }
    if (end) this->finish(end->state, std::move(end->error));
  }

 private:
  struct End {
    TransactionState state;
    ErrorPtr error;
  };

  void arrived() override {
    {
      MutexLock lock(run_mutex_);
      if (std::exchange(running_, true)) return;
    }
    schedule();
  }

  // One part at a time, so that what the callback throws is the executor's to log. What the executor throws
  // ends the call: its parts cannot be reported, and nobody else would go on.
  void schedule() noexcept {
    try {
      this->executor()->execute([self = self_.lock()] { self->report_one(); });
    } catch (const std::exception& failure) {
      lose(failure.what());
    } catch (...) {
      lose("not a std::exception");
    }
  }

  void lose(const char* why) {
    this->log_lost(why);
    this->close();
    std::optional<End> end;
    {
      MutexLock lock(run_mutex_);
      running_ = false;
      end.swap(end_);
    }
    if (end) {
      this->finish(end->state, std::move(end->error));
    } else {
      this->give_up();
    }
  }

  void report_one() {
    struct AndOn {
      ReportedCall& call;
      ~AndOn() { call.go_on(); }
    };
    {
      MutexLock lock(run_mutex_);
      reporting_ = true;
    }
    const AndOn and_on{*this};
    if (auto part = this->pop()) (*callback_)(*std::move(part));
  }

  void go_on() {
    this->acknowledge();
    std::optional<End> end;
    bool more = false;
    {
      MutexLock lock(run_mutex_);
      reporting_ = false;
      more = running_ = !this->empty();
      if (!more) end.swap(end_);
    }
    if (more) schedule();
    if (end) this->finish(end->state, std::move(end->error));
  }

  bool hold_end(TransactionState state, const ErrorPtr& error) override {
    if (state == TransactionState::timed_out || state == TransactionState::cancelled) drop_reports();
    MutexLock lock(run_mutex_);
    if (!(given_up_ ? reporting_ : running_)) return false;
    end_ = End{state, error};
    return true;
  }

  // Nobody wants to hear any more of what was given up. Nor is a report waited for that has not begun: it may
  // be the turn of the very thread that waits for the end.
  void drop_reports() {
    this->close();
    MutexLock lock(run_mutex_);
    given_up_ = true;
  }

  std::optional<Callback> callback_;  // used by one run at a time
  std::weak_ptr<ReportedCall> self_;
  Mutex run_mutex_;
  bool running_ VAGUS_GUARDED_BY(run_mutex_) = false;    // or scheduled
  bool reporting_ VAGUS_GUARDED_BY(run_mutex_) = false;  // a run has begun, and takes a part if one is left
  bool given_up_ VAGUS_GUARDED_BY(run_mutex_) = false;   // though its answer may have come
  std::optional<End> end_ VAGUS_GUARDED_BY(run_mutex_);  // held back
};

}  // namespace vagus::detail
