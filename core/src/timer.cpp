#include <algorithm>
#include <condition_variable>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>

#include "event_loop_impl.hpp"

namespace vagus {

class Timer::Impl : public std::enable_shared_from_this<Timer::Impl> {
 public:
  Impl(EventLoop& loop, std::function<void()> expired)
      : timer_(asio_context(loop)), expired_(std::move(expired)) {}

  void start(TimePoint at) {
    MutexLock lock(mutex_);
    if (finished_) return;
    ++round_;
    at_ = Deadline(at);
    wait();
  }

  void stop() {
    MutexLock lock(mutex_);
    ++round_;
    timer_.cancel();
  }

  void finish() {
    MutexLock lock(mutex_);
    finished_ = true;
    ++round_;
    timer_.cancel();
    const auto inside = std::count(runners_.begin(), runners_.end(), std::this_thread::get_id());
    while (static_cast<std::ptrdiff_t>(runners_.size()) > inside) idle_.wait(lock.native());
  }

 private:
  void wait() VAGUS_REQUIRES(mutex_) {
    timer_.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(at_.sleep_until()));
    timer_.async_wait(
        [self = shared_from_this(), round = round_](const boost::system::error_code& cancelled) {
          if (!cancelled) self->fire(round);
        });
  }

  void fire(std::uint64_t round) {
    {
      MutexLock lock(mutex_);
      if (round != round_ || finished_) return;
      if (!at_.passed()) {
        wait();
        return;
      }
      runners_.push_back(std::this_thread::get_id());
    }
    run_guarded(expired_);
    MutexLock lock(mutex_);
    runners_.erase(std::find(runners_.begin(), runners_.end(), std::this_thread::get_id()));
    idle_.notify_all();
  }

  Mutex mutex_;
  std::condition_variable idle_;
  boost::asio::steady_timer timer_ VAGUS_GUARDED_BY(mutex_);
  const std::function<void()> expired_;
  std::uint64_t round_ VAGUS_GUARDED_BY(mutex_) = 0;  // which start() counts
  Deadline at_ VAGUS_GUARDED_BY(mutex_);
  // The threads that are inside; several if it was started again in there and has expired before the end.
  std::vector<std::thread::id> runners_ VAGUS_GUARDED_BY(mutex_);
  bool finished_ VAGUS_GUARDED_BY(mutex_) = false;
};

Timer::Timer(EventLoop& loop, std::function<void()> expired)
    : impl_(std::make_shared<Impl>(loop, std::move(expired))) {}
Timer::~Timer() { impl_->finish(); }
void Timer::start(TimePoint at) { impl_->start(at); }
void Timer::stop() { impl_->stop(); }

}  // namespace vagus
