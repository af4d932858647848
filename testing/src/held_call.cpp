#include "held_call.hpp"

#include <condition_variable>

#include <vagus/testing/failed.hpp>

#include "waiting.hpp"

namespace vagus::detail {

using testing::Failed;

void HeldCall::complete(const Value& value) {
  MutexLock lock(mutex_);
  reply_.complete(value);
}

void HeldCall::fail(const std::exception_ptr& thrown) {
  MutexLock lock(mutex_);
  reply_.fail(thrown);
}

bool HeldCall::try_progress(const Value& value) {
  MutexLock lock(mutex_);
  return reply_.try_progress(value);
}

void HeldCall::progress(const Value& value, Duration timeout) {
  // Call::progress() would wait by the clock in use, and for as long as the caller does.
  if (wait_until_so(timeout, [&] { return try_progress(value); })) return;
  throw Failed("the caller of " + to_string(received_) + " takes no more progress");
}

void HeldCall::wait_given_up(Duration timeout) const {
  Mutex mutex;
  std::condition_variable changed;
  bool given_up = false;
  const std::stop_callback on_stop(stop_, [&] {
    const MutexLock lock(mutex);
    given_up = true;
    changed.notify_all();
  });
  const TimePoint end = end_of_waiting(timeout);
  MutexLock lock(mutex);
  while (!given_up) {
    if (changed.wait_until(lock.native(), end) == std::cv_status::timeout && !given_up) {
      throw Failed("nobody gave up the call of " + to_string(received_));
    }
  }
}

}  // namespace vagus::detail
