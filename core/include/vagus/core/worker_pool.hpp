/// The threads that run an event loop, and with it handlers and callbacks.
#pragma once

#include <cstddef>
#include <memory>

namespace vagus {

class EventLoop;

/// A number of threads, each in EventLoop::run_one() over and over. All functions are safe from any thread.
class WorkerPool {
 public:
  explicit WorkerPool(EventLoop& loop);
  /// Joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Makes threads until there are `count`, or lets those above it end when they come free.
  void resize(std::size_t count);

  std::size_t size() const;

  /// Is the calling thread one of them?
  bool is_member() const noexcept;

  /// Waits until all threads have ended; the loop has to be stopped or finished before. Not from one of them.
  void join();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace vagus
