/// The outcome of a call, now or later.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <vagus/api/api_host.hpp>
#include <vagus/core/nested_wait.hpp>
#include <vagus/core/result.hpp>
#include <vagus/core/task.hpp>
#include <vagus/core/transaction.hpp>
#include <vagus/wire/outlives_message.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus {

template <typename T>
class AsyncResult;

namespace detail {

/// A transaction that knows whom to ask for help while it is waited for.
class PendingCallBase : public Transaction {
 public:
  PendingCallBase(std::shared_ptr<const std::string> name_space, TimePoint now, Deadline deadline,
                  std::weak_ptr<ApiHost> host = {}, std::shared_ptr<Executor> executor = nullptr)
      : Transaction(std::move(name_space), now, deadline),
        host_(std::move(host)),
        executor_(std::move(executor)) {}

  /// Waits until it has ended or the deadline has passed. True if it has ended.
  bool wait_for_end(Deadline deadline);
  bool give_up() override;
  /// Where callbacks run and coroutines go on.
  const std::shared_ptr<Executor>& executor() const noexcept { return executor_; }

 protected:
  std::shared_ptr<ApiHost> host() const noexcept { return host_.lock(); }

 private:
  void failing(const Error& error) noexcept override;

  const std::weak_ptr<ApiHost> host_;
  const std::shared_ptr<Executor> executor_;
};

/// A transaction that ends with a `T`, however it comes by it.
template <typename T>
class PendingOutcome : public PendingCallBase {
 public:
  using PendingCallBase::PendingCallBase;

  /// Only when done().
  Result<T> outcome() const {
    static_assert(
        std::is_copy_constructible_v<T>,
        "this result cannot be copied, and so has one reader only: take it by call(), try_call() or "
        "co_await of the action");
    if (auto failure = error()) return failure;
    return *value_;
  }
  /// Only when done(), once, by the only one who reads it.
  Result<T> take_outcome() {
    if (auto failure = error()) return failure;
    return std::move(*value_);
  }
  /// Likewise.
  T take_value() {
    if (auto failure = error()) failure->raise();
    return std::move(*value_);
  }

 protected:
  std::optional<T> value_;  // written by the one that ends it
};

template <>
class PendingOutcome<void> : public PendingCallBase {
 public:
  using PendingCallBase::PendingCallBase;

  Result<void> outcome() const { return error(); }
  Result<void> take_outcome() { return error(); }
  void take_value() {
    if (auto failure = error()) failure->raise();
  }
};

/// One call, whose answer is a `T`.
template <typename T>
class PendingCall : public PendingOutcome<T> {
  static_assert(wire::outlives_message<T>,
                "a result outlives its message: take a type that owns what it holds");

 public:
  using PendingOutcome<T>::PendingOutcome;

 private:
  void take(std::span<const std::byte> result) override {
    if constexpr (!std::is_void_v<T>) {  // else: whatever it is, nobody asked for it
      wire::Reader reader(result);
      this->value_.emplace(wire::unpack<T>(reader));
    }
  }
};

/// What std::function holds in place of a callback that cannot be copied.
template <typename Callback>
auto copyable(Callback callback) {
  if constexpr (std::is_copy_constructible_v<Callback>) {
    return callback;
  } else {
    return [shared = std::make_shared<Callback>(std::move(callback))](auto&& outcome) {
      (*shared)(std::forward<decltype(outcome)>(outcome));
    };
  }
}

/// Of a call that is made already, and whose outcome others may read too.
struct AlreadyMade {
  void operator()() const noexcept {}
};

/// Waits for a call in a coroutine, which it makes, with `Make`, if the coroutine was not cancelled before;
/// and then is the only one who reads its outcome.
template <typename T, typename Make = AlreadyMade>
class CallAwaiter {
 public:
  explicit CallAwaiter(std::shared_ptr<PendingOutcome<T>> pending, Make make = {})
      : pending_(std::move(pending)), make_(std::move(make)) {}

  bool await_ready() const noexcept { return false; }

  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    const auto pending = pending_;  // once the coroutine may go on elsewhere, this object may be gone
    if constexpr (std::is_base_of_v<TaskPromiseBase, Promise>) {
      control_ = handle.promise().control();
      if (!control_->stop_requested()) make_();
      if (!control_->begin_wait([pending] { pending->give_up(); })) {
        pending->give_up();
        // Else somebody else is just ending it, maybe after what is just being reported of it.
        if (pending->done()) return false;
      }
      pending->then(pending->executor(),
                    [handle, control = control_] { TaskPromiseBase::resume(handle, control); });
    } else {
      make_();
      pending->then(pending->executor(), [handle] { handle.resume(); });
    }
    return true;
  }

  T await_resume() {
    if (control_) control_->end_wait();
    if constexpr (std::is_same_v<Make, AlreadyMade>) {
      return pending_->outcome().value();
    } else {
      return pending_->take_value();
    }
  }

 private:
  std::shared_ptr<PendingOutcome<T>> pending_;
  Make make_;
  std::shared_ptr<TaskControl> control_;
};

}  // namespace detail

/// A view of one call. Cheap to copy; all copies see the same. Dropping it changes nothing for the call. All
/// functions are safe from any thread.
///
/// A handler that waits in get() waits no longer than somebody waits for the handler: then the call is
/// cancelled, as one is that was made by call(). wait() goes on, and leaves the call alone.
///
/// What the handler's reply was made of is visible after get() returned, ready() returned true, or the
/// semaphore given to async() was acquired. The outcome is kept for as long as somebody holds a copy:
/// collected late, it still is what came in time. Whoever reads it gets a copy: a result that cannot be
/// copied is taken by call(), try_call() or co_await of the action instead.
template <typename T>
class AsyncResult {
 public:
  explicit AsyncResult(std::shared_ptr<detail::PendingOutcome<T>> pending) noexcept
      : pending_(std::move(pending)) {}

  /// None as long as the call waits for a link.
  TransactionId id() const noexcept { return pending_->id(); }
  TransactionState state() const noexcept { return pending_->state(); }
  /// Has it ended, well or not?
  bool ready() const noexcept { return pending_->done(); }
  /// Since the call was made, until its end.
  Duration elapsed() const noexcept { return pending_->elapsed(); }

  /// Waits at most so long; true if it has ended.
  bool wait(Duration duration = no_timeout) const {
    return pending_->wait_for_end(Deadline::after(duration));
  }

  /// Waits for the end; the value, or throws the error. As often as you like.
  T get() const {
    wait_as_handler(Deadline::never());
    return value();
  }
  /// As get(), but throws TransactionTimeout if it has not ended by then. The call itself goes on.
  T get(Duration duration) const {
    if (!wait_as_handler(Deadline::after(duration))) {
      throw TransactionTimeout(
          "no answer from " + pending_->name_space() + " in the time given to get(); the call goes on",
          pending_->context(Execution::unknown));
    }
    return value();
  }
  /// Only when ready().
  Result<T> result() const { return pending_->outcome(); }

  /// The error; empty if it has not ended, or well.
  ErrorPtr error() const noexcept { return pending_->error(); }

  /// Ends the call with TransactionCancelled and tells the handler. False if it had ended, or was ending,
  /// before. One whose progress is just being reported ends after that; one that was answered, but whose
  /// progress is still to be reported, ends with its answer and without that.
  bool cancel() const { return pending_->give_up(); }

  /// Runs `callback` with a Result<T> once the call has ended, at once if it has. Where callbacks of its API
  /// run.
  template <typename Callback>
  void then(Callback callback) const {
    pending_->then(pending_->executor(),
                   [pending = pending_, callback = detail::copyable(std::move(callback))]() mutable {
                     callback(pending->outcome());
                   });
  }

  auto operator co_await() const { return detail::CallAwaiter<T>(pending_); }

 private:
  bool wait_as_handler(Deadline deadline) const {
    if (pending_->done()) return true;
    const detail::NestedWait nested(pending_);
    return pending_->wait_for_end(deadline);
  }
  T value() const {
    if constexpr (std::is_void_v<T>) {
      pending_->outcome().value();
    } else {
      return pending_->outcome().value();
    }
  }

  std::shared_ptr<detail::PendingOutcome<T>> pending_;
};

}  // namespace vagus
