/// std::mutex and its guards, annotated so that Clang's thread-safety analysis checks what guards what.
#pragma once

#include <condition_variable>
#include <mutex>

#include <vagus/core/deadline.hpp>
#include <vagus/core/thread_annotations.hpp>

namespace vagus {

/// Usable wherever a BasicLockable or Lockable is.
class VAGUS_CAPABILITY("mutex") Mutex {
 public:
  void lock() VAGUS_ACQUIRE() { mutex_.lock(); }
  void unlock() VAGUS_RELEASE() { mutex_.unlock(); }
  bool try_lock() VAGUS_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

/// Holds a Mutex for a scope; may be given back and taken again inside it, and waited with.
class VAGUS_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) VAGUS_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() VAGUS_RELEASE() {}  // NOLINT(modernize-use-equals-default): the annotation needs a body
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() VAGUS_RELEASE() { lock_.unlock(); }
  void lock() VAGUS_ACQUIRE() { lock_.lock(); }
  /// For std::condition_variable.
  std::unique_lock<std::mutex>& native() noexcept { return lock_; }

 private:
  std::unique_lock<std::mutex> lock_;
};

/// Waits until notified, or woken for no reason, or the deadline; false at the deadline. To be called in a
/// loop that looks at what is waited for.
inline bool wait_until(std::condition_variable& changed, MutexLock& lock, Deadline deadline) {
  if (!deadline.is_never()) {
    const bool in_time =
        changed.wait_until(lock.native(), deadline.sleep_until()) == std::cv_status::no_timeout;
    return in_time || !deadline.passed();
  }
  changed.wait(lock.native());
  return true;
}

}  // namespace vagus
