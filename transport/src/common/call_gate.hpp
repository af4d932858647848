#pragma once

#include <condition_variable>
#include <thread>
#include <vector>

#include <vagus/core/mutex.hpp>

namespace vagus::transport {

/// Lets calls of a handler through until it is closed. All functions are safe from any thread.
class CallGate {
 public:
  /// Makes the call, unless closed; whether it was made. What it throws goes on to the caller.
  template <typename Function>
  bool run(const Function& call) {
    if (!enter()) return false;
    const Leave leave{*this};
    call();
    return true;
  }

  /// No call begins any more; returns when none is under way but those on whose own thread it is called.
  void close() noexcept;

 private:
  struct Leave {
    CallGate& gate;
    ~Leave() { gate.leave(); }
  };

  bool enter();
  void leave() noexcept;
  bool others_inside() const noexcept VAGUS_REQUIRES(mutex_);

  Mutex mutex_;
  std::condition_variable left_;
  std::vector<std::thread::id> inside_ VAGUS_GUARDED_BY(mutex_);
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport
