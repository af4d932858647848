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
    MutexLock lock(mutex_);
    for (; wanted_ < count; ++wanted_) {
      threads_.emplace_back([this] {
        pool = this;
        while (!leave && loop_.run_one()) {
        }
      });
    }
    // Whichever thread comes free first ends; its handle is joined with the others in the end.
    for (; wanted_ > count; --wanted_) loop_.post([] { leave = true; });
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
  EventLoop& loop_;
  mutable Mutex mutex_;
  std::size_t wanted_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::vector<boost::thread> threads_ VAGUS_GUARDED_BY(mutex_);
};

WorkerPool::WorkerPool(EventLoop& loop) : impl_(std::make_unique<Impl>(loop)) {}
WorkerPool::~WorkerPool() { impl_->join(); }
void WorkerPool::resize(std::size_t count) { impl_->resize(count); }
std::size_t WorkerPool::size() const { return impl_->size(); }
bool WorkerPool::is_member() const noexcept { return impl_->is_member(); }
void WorkerPool::join() { impl_->join(); }

}  // namespace vagus
