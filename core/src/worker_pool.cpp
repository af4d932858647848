#include <list>
#include <utility>
#include <vector>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/worker_pool.hpp>

#include "worker_thread.hpp"

namespace vagus {

namespace {

// Set by work that asks the thread that runs it to end.
thread_local bool leave = false;
// Whose member this thread is.
thread_local const void* pool = nullptr;

}  // namespace

class WorkerPool::Impl {
 public:
  explicit Impl(EventLoop& loop) : loop_(loop) {}

  void resize(std::size_t count) {
    Threads ended;
    {
      MutexLock lock(mutex_);
      for (; wanted_ < count; ++wanted_) add_thread();
      // Whichever thread comes free first ends; its handle is joined the next time, or in the end.
      for (; wanted_ > count; --wanted_) loop_.post([] { leave = true; });
      ended = take_ended();
    }
    join(ended);
  }

  std::size_t size() const {
    MutexLock lock(mutex_);
    return wanted_;
  }

  void join() {
    Threads threads;
    {
      MutexLock lock(mutex_);
      threads.swap(threads_);
      wanted_ = 0;
    }
    join(threads);
  }

  bool is_member() const noexcept { return pool == this; }

 private:
  using Threads = std::list<detail::WorkerThread>;  // each stays where it is

  void add_thread() VAGUS_REQUIRES(mutex_) {
    detail::WorkerThread& added = threads_.emplace_back();
    try {
      added.thread = boost::thread([this, &added] { run(added); });
    } catch (...) {
      threads_.pop_back();
      throw;
    }
  }

  void run(detail::WorkerThread& self) {
    { const MutexLock made(mutex_); }  // its handle is there
    self.be_current();
    pool = this;
    while (!leave && loop_.run_one()) {
    }
    MutexLock lock(mutex_);
    ended_.push_back(boost::this_thread::get_id());
  }

  /// Those that have nothing left to do but to return.
  Threads take_ended() VAGUS_REQUIRES(mutex_) {
    Threads taken;
    for (const boost::thread::id id : ended_) {
      auto worker = threads_.begin();
      while (worker != threads_.end() && worker->thread.get_id() != id) ++worker;
      if (worker != threads_.end()) taken.splice(taken.end(), threads_, worker);
    }
    ended_.clear();
    return taken;
  }

  /// A handler that is interrupted meanwhile is told so by an interruption point of its own.
  static void join(Threads& threads) {
    const boost::this_thread::disable_interruption uninterrupted;
    for (detail::WorkerThread& worker : threads) worker.thread.join();
  }

  EventLoop& loop_;
  mutable Mutex mutex_;
  std::size_t wanted_ VAGUS_GUARDED_BY(mutex_) = 0;
  Threads threads_ VAGUS_GUARDED_BY(mutex_);
  std::vector<boost::thread::id> ended_ VAGUS_GUARDED_BY(mutex_);
};

WorkerPool::WorkerPool(EventLoop& loop) : impl_(std::make_unique<Impl>(loop)) {}
WorkerPool::~WorkerPool() { impl_->join(); }
void WorkerPool::resize(std::size_t count) { impl_->resize(count); }
std::size_t WorkerPool::size() const { return impl_->size(); }
bool WorkerPool::is_member() const noexcept { return impl_->is_member(); }
void WorkerPool::join() { impl_->join(); }

}  // namespace vagus
