#pragma once

#include <condition_variable>
#include <cstdint>
#include <thread>

#include <vagus/core/mutex.hpp>
#include <vagus/transport/link.hpp>

namespace vagus::transport {

/// Makes a link's calls into its observer as the contract of LinkObserver has it: no kind of call overlaps
/// itself, the kinds may overlap each other, on_closed() comes once, and nothing comes after stop(). All
/// functions are safe from any thread.
class ObserverCalls {
 public:
  void start(LinkObserver& observer);

  // Each does nothing before start() and after stop(). One that comes while the same call is under way makes
  // that one happen again afterwards, on the thread that it is under way on.
  void readable();
  void writable();
  void closed(const ErrorPtr& reason);

  /// Returns when no call is under way, but for those on whose own thread, or on a thread that stops too, it
  /// is called.
  void stop() noexcept;

 private:
  enum Kind : std::uint8_t { on_readable, on_writable, on_closed, kind_count };
  struct Call {
    bool running = false;
    bool again = false;
    bool stopping = false;  // its thread waits in stop()
    std::thread::id thread;
  };

  LinkObserver* begin(Kind kind);
  bool end(Kind kind);
  template <typename Function>
  void run(Kind kind, const Function& call);
  bool others_running() const VAGUS_REQUIRES(mutex_);

  Mutex mutex_;
  std::condition_variable ended_;
  LinkObserver* observer_ VAGUS_GUARDED_BY(mutex_) = nullptr;
  bool stopped_ VAGUS_GUARDED_BY(mutex_) = false;
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;  // on_closed() has been called
  Call calls_[kind_count] VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::transport
