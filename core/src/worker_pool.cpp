#include <utility>
#include <vector>

#include <boost/thread/thread.hpp>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/worker_pool.hpp>

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
    std::vector<boost::thread> ended;
    {
      MutexLock lock(mutex_);
      for (; wanted_ < count; ++wanted_) threads_.emplace_back([this] { run(); });
      // Whichever thread comes free first ends; its handle is joined the next time, or in the end.
      for (; wanted_ > count; --wanted_) loop_.post([] { leave = true; });
      ended = take_ended();
    }
    for (boost::thread& thread : ended) thread.join();
  }

  std::size_t size() const {
    MutexLock lock(mutex_);
    return wanted_;
  }

  void join() {
    std::vector<boost::thread> threads;
    {
      MutexLock lock(mutex_);
      threads.swap(threads_);
      wanted_ = 0;
    }
    for (boost::thread& thread : threads) thread.join();
  }

  bool is_member() const noexcept { return pool == this; }

 private:
  void run() {
    pool = this;
    while (!leave && loop_.run_one()) {
    }
    MutexLock lock(mutex_);
    ended_.push_back(boost::this_thread::get_id());
  }

  /// Those that have nothing left to do but to return.
  std::vector<boost::thread> take_ended() VAGUS_REQUIRES(mutex_) {
    std::vector<boost::thread> taken;
    for (const boost::thread::id id : ended_) {
      auto thread = threads_.begin();
      while (thread != threads_.end() && thread->get_id() != id) ++thread;
      if (thread == threads_.end()) continue;
      taken.push_back(std::move(*thread));
      threads_.erase(thread);
    }
    ended_.clear();
    return taken;
  }

  EventLoop& loop_;
  mutable Mutex mutex_;
  std::size_t wanted_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::vector<boost::thread> threads_ VAGUS_GUARDED_BY(mutex_);
  std::vector<boost::thread::id> ended_ VAGUS_GUARDED_BY(mutex_);
};

WorkerPool::WorkerPool(EventLoop& loop) : impl_(std::make_unique<Impl>(loop)) {}
WorkerPool::~WorkerPool() { impl_->join(); }
void WorkerPool::resize(std::size_t count) { impl_->resize(count); }
std::size_t WorkerPool::size() const { return impl_->size(); }
bool WorkerPool::is_member() const noexcept { return impl_->is_member(); }
void WorkerPool::join() { impl_->join(); }

}  // namespace vagus
