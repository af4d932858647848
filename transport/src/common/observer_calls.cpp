#include "common/observer_calls.hpp"

namespace vagus::transport {

void ObserverCalls::start(LinkObserver& observer) {
  MutexLock lock(mutex_);
  observer_ = &observer;
}

void ObserverCalls::readable() {
  run(on_readable, [](LinkObserver& observer) { observer.on_readable(); });
}

void ObserverCalls::writable() {
  run(on_writable, [](LinkObserver& observer) { observer.on_writable(); });
}

void ObserverCalls::closed(const ErrorPtr& reason) {
  {
    MutexLock lock(mutex_);
    if (closed_ || observer_ == nullptr) return;
    closed_ = true;
  }
  run(on_closed, [&reason](LinkObserver& observer) { observer.on_closed(reason); });
}

template <typename Function>
void ObserverCalls::run(Kind kind, const Function& call) {
  LinkObserver* observer = begin(kind);
  while (observer != nullptr) {
    call(*observer);
    if (!end(kind)) return;
  }
}

LinkObserver* ObserverCalls::begin(Kind kind) {
  MutexLock lock(mutex_);
  if (stopped_ || observer_ == nullptr) return nullptr;
  Call& call = calls_[kind];
  if (call.running) {
    call.again = true;
    return nullptr;
  }
  call = {.running = true, .again = false, .stopping = false, .thread = std::this_thread::get_id()};
  return observer_;
}

/// Whether the call is to be made again.
bool ObserverCalls::end(Kind kind) {
  MutexLock lock(mutex_);
  Call& call = calls_[kind];
  if (call.again && !stopped_) {
    call.again = false;
    return true;
  }
  call = {};
  ended_.notify_all();
  return false;
}

void ObserverCalls::stop() noexcept {
  const auto self = std::this_thread::get_id();
  MutexLock lock(mutex_);
  stopped_ = true;
  for (Call& call : calls_) {
    // Two calls that stop the link would wait for each other.
    if (call.running && call.thread == self) call.stopping = true;
  }
  ended_.notify_all();
  while (others_running()) ended_.wait(lock.native());
}

bool ObserverCalls::others_running() const {
  for (const Call& call : calls_) {
    if (call.running && !call.stopping) return true;
  }
  return false;
}

}  // namespace vagus::transport
