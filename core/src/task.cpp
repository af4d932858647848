#include <chrono>

#include <vagus/core/duty.hpp>
#include <vagus/core/task.hpp>

namespace vagus::detail {

namespace {

// A task may end elsewhere or by what this thread has to do: it looks for both.
constexpr Duration look_out_time = std::chrono::milliseconds(1);

}  // namespace

void TaskControl::request_stop() {
  std::function<void()> cancel;
  {
    MutexLock lock(mutex_);
    stop_.store(true, std::memory_order_release);
    cancel = std::exchange(cancel_, nullptr);
  }
  if (cancel) cancel();
}

bool TaskControl::begin_wait(std::function<void()> cancel) {
  MutexLock lock(mutex_);
  if (stop_.load(std::memory_order_relaxed)) return false;  // written under this very lock
  cancel_ = std::move(cancel);
  return true;
}

void TaskControl::end_wait() {
  std::function<void()> cancel;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  cancel.swap(cancel_);
  lock.unlock();
}

void TaskPromiseBase::resume(std::coroutine_handle<> handle, const std::shared_ptr<TaskControl>& control) {
  const auto kept = control;  // the frame may be gone when resume() returns
  ContextScope scope(kept->context().get(), on_worker());
  handle.resume();
}

std::coroutine_handle<> TaskPromiseBase::finished(std::coroutine_handle<> self) noexcept {
  const auto continuation = continuation_;
  const auto on_done = std::move(on_done_);
  // PAIR task-done: whoever sees it here sees the value or exception.
  done_.store(true, std::memory_order_release);
  if (on_done) on_done();
  release(self);
  return continuation ? continuation : std::noop_coroutine();
}

void TaskPromiseBase::release(std::coroutine_handle<> self) noexcept {
  // PAIR task-released: the last user sees everything that the others did with the frame.
  if (users_.fetch_sub(1, std::memory_order_acq_rel) == 1) self.destroy();
}

Signal::Signal() : Transaction(std::make_shared<const std::string>("a task"), Deadline::never()) {}

void Signal::await() {
  while (!done()) {
    if (!has_duties()) {
      wait(Deadline::never());
    } else if (!do_duties(Duty::Extent::all)) {
      wait(Deadline::after(look_out_time));
    }
  }
}

}  // namespace vagus::detail
