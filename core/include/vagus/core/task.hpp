/// Coroutines that make calls: `vagus::Task<double> f() { co_return co_await machine.x.move_to(1.0); }`
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <vagus/core/call_context.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>

namespace vagus {

template <typename T>
class Task;

namespace detail {

/// What a tree of tasks that await each other has in common: whether it is still wanted, how to end what it
/// awaits now, and the context of the handler that it is part of. Safe from any thread.
class TaskControl {
 public:
  explicit TaskControl(std::shared_ptr<CallContext> context) : context_(std::move(context)) {}

  const std::shared_ptr<CallContext>& context() const noexcept { return context_; }

  /// Ends what is awaited now, and whatever is awaited later.
  void request_stop();
  bool stop_requested() const noexcept { return stop_.load(std::memory_order_acquire); }

  /// What ends the wait that begins now. False if stop was requested already: do not begin it.
  bool begin_wait(std::function<void()> cancel);
  void end_wait();

 private:
  const std::shared_ptr<CallContext> context_;  // null outside of handlers
  std::atomic<bool> stop_{false};
  Mutex mutex_;
  std::function<void()> cancel_ VAGUS_GUARDED_BY(mutex_);
};

class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

  const std::shared_ptr<TaskControl>& control() const noexcept { return control_; }

  /// Resumes on the calling thread, in the context of the task.
  static void resume(std::coroutine_handle<> handle, const std::shared_ptr<TaskControl>& control);

 protected:
  struct Final {
    bool await_ready() const noexcept { return false; }
    void await_resume() const noexcept {}
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) const noexcept {
      return handle.promise().finished(handle);
    }
  };

 public:
  Final final_suspend() noexcept { return {}; }

 private:
  template <typename T>
  friend class vagus::Task;

  std::coroutine_handle<> finished(std::coroutine_handle<> self) noexcept;
  /// One user of the frame less; the last one destroys it.
  void release(std::coroutine_handle<> self) noexcept;

  std::atomic<int> users_{1};  // the Task, and the running coroutine once it was started
  bool started_ = false;       // only by the owner of the Task
  std::atomic<bool> done_{false};
  std::shared_ptr<TaskControl> control_;  // set at the start
  std::coroutine_handle<> continuation_;  // who awaits it; set before the start
  std::function<void()> on_done_;         // set before the start
  std::exception_ptr thrown_;

 protected:
  const std::exception_ptr& thrown() const noexcept { return thrown_; }
};

template <typename T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object();
  template <typename U = T>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    if (thrown()) std::rethrow_exception(thrown());
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  inline Task<void> get_return_object();
  void return_void() noexcept {}
  void take() {
    if (thrown()) std::rethrow_exception(thrown());
  }
};

/// Ends when told to; what Task::get() waits for.
class Signal final : public Transaction {
 public:
  Signal();
  void give() { complete({}); }
  /// Returns when it was given. A thread on which what it waits for may have to go on has it go on meanwhile.
  void await();

 private:
  void take(std::span<const std::byte>) override {}
};

}  // namespace detail

/// A coroutine that gives a `T`, or throws.
///
/// Lazy: it begins at `co_await`, get(), start(), or when a handler returns it. It begins on the thread that
/// starts it, and after each `co_await` of a call it goes on on a thread of the arbitrator. Deadline and call
/// chain of the handler that it is part of go with it from thread to thread. Dropped while it runs, it is
/// cancelled: the call that it awaits ends with TransactionCancelled, which then unwinds it.
///
/// Used by one thread at a time. GCC 12 mishandles some temporaries of a `co_await` expression, those of
/// aggregates with destructors and those of `condition ? co_await a : b`: build arguments in variables first,
/// and use `if`.
template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      drop();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { drop(); }

  /// Begins it, on this thread. `on_done` is called once, by whatever thread ends it, and must not throw.
  /// Throws std::logic_error if it was started before.
  void start(std::function<void()> on_done = {}) {
    const detail::CallContext* const current = detail::current_context();
    auto context = current != nullptr ? std::make_shared<detail::CallContext>(*current) : nullptr;
    if (context) {  // it may go on when the handler that started it has ended
      context->gates = {};
      context->owner = nullptr;
    }
    start_in(std::move(context), std::move(on_done));
  }

  /// As start(), in the context of a handled call.
  void start_in(std::shared_ptr<detail::CallContext> context, std::function<void()> on_done) {
    begin(std::make_shared<detail::TaskControl>(std::move(context)));
    promise().on_done_ = std::move(on_done);
    const auto control = promise().control_;
    detail::TaskPromiseBase::resume(handle_, control);
  }

  /// Has it ended?
  bool done() const noexcept {
    return handle_ && promise().done_.load(std::memory_order_acquire);  // PAIR task-done
  }

  /// Starts it and waits for its end; its value, or throws what it threw.
  T get() {
    const auto context = detail::share_current_context();
    const auto ended = std::make_shared<detail::Signal>();
    start_in(context, [ended] { ended->give(); });
    if (context && context->waiter != nullptr) {
      context->waiter->wait(*ended, Deadline::never());
    } else {
      ended->await();
    }
    return promise().take();
  }

  /// After done(): its value, or throws what it threw. Once.
  T take() { return promise().take(); }

  /// Ends the call that it awaits now and those that it awaits later with TransactionCancelled.
  void cancel() {
    if (!handle_) return;
    if (const auto control = promise().control_) control->request_stop();
  }

  class Awaiter;
  /// Starts it and waits for its end, in a coroutine. Another Task that awaits it is cancelled together with
  /// it.
  Awaiter operator co_await() && noexcept { return Awaiter(std::move(*this)); }

 private:
  friend promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  promise_type& promise() const noexcept { return handle_.promise(); }

  void begin(std::shared_ptr<detail::TaskControl> control) {
    if (!handle_ || promise().started_)
      throw std::logic_error("this vagus::Task was started, or moved from, before");
    promise().started_ = true;
    promise().control_ = std::move(control);
    promise().users_.fetch_add(1, std::memory_order_relaxed);  // not shared with another thread yet
  }

  void drop() noexcept {
    if (!handle_) return;
    if (promise().started_ && !done() && !promise().continuation_) promise().control_->request_stop();
    promise().release(std::exchange(handle_, nullptr));
  }

  Handle handle_;
};

template <typename T>
class Task<T>::Awaiter {
 public:
  explicit Awaiter(Task task) noexcept : task_(std::move(task)) {}

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> parent) {
    if constexpr (std::is_base_of_v<detail::TaskPromiseBase, Promise>) {
      task_.begin(parent.promise().control());
    } else {
      task_.begin(std::make_shared<detail::TaskControl>(nullptr));
    }
    task_.promise().continuation_ = parent;
    return task_.handle_;
  }
  T await_resume() { return task_.promise().take(); }

 private:
  Task task_;
};

template <typename T>
Task<T> detail::TaskPromise<T>::get_return_object() {
  return Task<T>{std::coroutine_handle<TaskPromise>::from_promise(*this)};
}

inline Task<void> detail::TaskPromise<void>::get_return_object() {
  return Task<void>{std::coroutine_handle<TaskPromise>::from_promise(*this)};
}

}  // namespace vagus
