#include "foreign_loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

#include "intake.hpp"

namespace vagus {

namespace {

int make_descriptor() {
  const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made < 0) throw std::system_error(errno, std::generic_category(), "eventfd of a foreign loop");
  return made;
}

}  // namespace

/// One call of process(), on the stack of its thread.
class ForeignLoop::Inside {
 public:
  explicit Inside(ForeignLoop& loop) : loop_(loop), outer_(std::exchange(innermost_, this)) {
    loop_.ever_processed_.store(true, std::memory_order_relaxed);
    MutexLock lock(loop_.mutex_);
    ++loop_.inside_;
  }
  ~Inside() {
    innermost_ = outer_;
    loop_.settle();
    MutexLock lock(loop_.mutex_);
    --loop_.inside_;
    loop_.changed_.notify_all();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  /// How many of them the calling thread is in.
  static std::size_t depth(const ForeignLoop& loop) noexcept {
    std::size_t depth = 0;
    for (const Inside* inside = innermost_; inside != nullptr; inside = inside->outer_) {
      if (&inside->loop_ == &loop) ++depth;
    }
    return depth;
  }

 private:
  static thread_local const Inside* innermost_;

  ForeignLoop& loop_;
  const Inside* const outer_;
};

thread_local const ForeignLoop::Inside* ForeignLoop::Inside::innermost_ = nullptr;

ForeignLoop::ForeignLoop() : descriptor_(make_descriptor()) {}

ForeignLoop::~ForeignLoop() { ::close(descriptor_); }

void ForeignLoop::push(std::shared_ptr<Intake> intake) {
  if (home_.left()) return;
  MutexLock lock(mutex_);
  if (closed_) return;
  ready_.push_back(std::move(intake));
  announce();
}

void ForeignLoop::announce() {
  // It is at 0: the write cannot fail.
  if (!std::exchange(readable_, true)) ::eventfd_write(descriptor_, 1);
  changed_.notify_all();
}

std::shared_ptr<Intake> ForeignLoop::take() {
  MutexLock lock(mutex_);
  if (ready_.empty()) return nullptr;
  auto intake = std::move(ready_.front());
  ready_.pop_front();
  return intake;
}

void ForeignLoop::settle() noexcept {
  MutexLock lock(mutex_);
  if (!ready_.empty() || !std::exchange(readable_, false)) return;
  eventfd_t value = 0;
  ::eventfd_read(descriptor_, &value);
}

std::size_t ForeignLoop::process(std::size_t at_most, Deadline until) {
  const Inside inside(*this);
  const std::size_t limit = std::min(at_most, pieces_.load(std::memory_order_relaxed));
  std::size_t ran = 0;
  while (ran < at_most && (ran == 0 || (ran < limit && !until.passed()))) {
    const auto intake = take();
    if (!intake) break;
    if (intake->run_one()) ++ran;
  }
  return ran;
}

bool ForeignLoop::process_continuation() {
  const Inside inside(*this);
  const auto intake = take_with_callbacks();
  return intake && intake->run_one();  // which begins with the callbacks
}

std::shared_ptr<Intake> ForeignLoop::take_with_callbacks() {
  std::deque<std::shared_ptr<Intake>> all;
  {
    MutexLock lock(mutex_);
    all.swap(ready_);
  }
  // Outside of the lock: intakes come here with theirs held.
  const auto found =
      std::find_if(all.begin(), all.end(), [](const auto& intake) { return intake->has_callbacks(); });
  std::shared_ptr<Intake> intake;
  if (found != all.end()) {
    intake = std::move(*found);
    all.erase(found);
  }
  MutexLock lock(mutex_);
  ready_.insert(ready_.begin(), std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
  if (!ready_.empty()) announce();
  return intake;
}

bool ForeignLoop::inside() const noexcept { return Inside::depth(*this) != 0; }

void ForeignLoop::wait() const {
  MutexLock lock(mutex_);
  while (ready_.empty() && !interrupted_) changed_.wait(lock.native());
}

void ForeignLoop::interrupt() noexcept {
  MutexLock lock(mutex_);
  interrupted_ = true;
  changed_.notify_all();
}

void ForeignLoop::finish() {
  const std::size_t own = Inside::depth(*this);
  for (;;) {
    while (process(std::numeric_limits<std::size_t>::max(), Deadline::never()) != 0) {
    }
    if (own != 0) return;  // another thread may wait for us in the same way
    MutexLock lock(mutex_);
    if (ready_.empty() && inside_ == 0) return;
    while (ready_.empty() && inside_ != 0) changed_.wait(lock.native());
  }
}

void ForeignLoop::close() noexcept {
  std::deque<std::shared_ptr<Intake>> dropped;  // destroyed outside of the lock
  {
    MutexLock lock(mutex_);
    closed_ = true;
    dropped.swap(ready_);
  }
  settle();
}

}  // namespace vagus
