#include "intake.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "callback.hpp"

namespace vagus {

namespace {

std::size_t queue_of(Priority priority) noexcept {
  return static_cast<std::size_t>(1 - static_cast<int>(std::clamp(priority, Priority::low, Priority::high)));
}

}  // namespace

Intake::Intake(EventLoop& loop, std::shared_ptr<ForeignLoop> foreign, Log& log, Counter& failed,
               unsigned workers, std::size_t capacity)
    : loop_(loop),
      foreign_(std::move(foreign)),
      log_(log),
      failed_(failed),
      inline_(workers == 0 && !foreign_),
      workers_(std::max(1u, workers)),
      capacity_(capacity) {}

std::size_t Intake::waiting() const {
  MutexLock lock(mutex_);
  return waiting_;
}

bool Intake::idle() const {
  return callbacks_.empty() &&
         std::all_of(queues_.begin(), queues_.end(), [](const auto& queue) { return queue.empty(); });
}

Intake::Admission Intake::admit(const std::shared_ptr<Work>& work, bool may_run_now) {
  MutexLock lock(mutex_);
  if (closed_) return Admission::closed;
  Line* const strand = work->strand().empty() ? nullptr : &strands_[work->strand()];
  const bool blocked = strand != nullptr && strand->busy;
  if (!blocked && (inline_ || (may_run_now && !foreign_ && running_ < workers_ && idle()))) {
    if (!inline_) ++running_;
    if (strand != nullptr) strand->busy = true;
    return Admission::run_now;
  }
  const std::size_t room = work->strand_capacity();
  const bool too_many = blocked && room != 0 && strand->waiting.size() >= room;
  if (too_many && work->drops_oldest()) {
    const auto oldest = std::move(strand->waiting.front());
    strand->waiting.pop_front();
    strand->waiting.push_back(work);
    lock.unlock();
    oldest->lost();
    return Admission::queued;
  }
  if (too_many || (waiting_ >= capacity_ && !work->has_own_place())) {
    if (strand != nullptr && !blocked) strands_.erase(work->strand());
    return Admission::full;
  }
  ++waiting_;
  if (blocked) {
    strand->waiting.push_back(work);
    return Admission::queued;
  }
  if (strand != nullptr) strand->busy = true;
  push(work);
  return Admission::queued;
}

void Intake::push(std::shared_ptr<Work> work) {
  queues_[queue_of(work->priority())].push_back(std::move(work));
  if (foreign_) foreign_->came(1);
  call_worker();
}

void Intake::call_worker() {
  if (running_ >= workers_) return;
  ++running_;
  if (foreign_) {
    foreign_->push(shared_from_this());
    return;
  }
  loop_.post([self = shared_from_this()] { self->work_off(); });
}

void Intake::run_admitted(const std::shared_ptr<Work>& work) {
  work->at_once_ = true;
  run(*work);
}

void Intake::go_on() {
  if (!inline_) work_off();
}

void Intake::hand_on() {
  if (inline_) return;
  MutexLock lock(mutex_);
  --running_;
  if (!idle()) call_worker();
}

void Intake::run(Work& work) {
  if (!work.strand().empty()) work.turn_of_ = shared_from_this();
  try {
    work.run();
  } catch (const std::exception& error) {
    // It promises to throw nothing; should memory have run out, this worker still works for the others.
    log_.error(std::string("an exception left the run of a handler: ") + error.what());
    work.end_turn();
  }
}

void Work::end_turn() noexcept {
  if (const auto intake = std::exchange(turn_of_, nullptr)) intake->strand_over(strand_);
}

void Intake::strand_over(const Strand& strand) {
  MutexLock lock(mutex_);
  const auto found = strands_.find(strand);
  if (found == strands_.end()) return;
  if (found->second.waiting.empty()) {
    strands_.erase(found);
    return;
  }
  auto next = std::move(found->second.waiting.front());
  found->second.waiting.pop_front();
  push(std::move(next));
}

void Intake::execute(std::function<void()> work) {
  MutexLock lock(mutex_);
  if (finished_) {
    lock.unlock();
    Log log;
    Counter uncounted;
    run_callback(work, log, uncounted);
    return;
  }
  callbacks_.push_back(std::move(work));
  if (foreign_) foreign_->came(1);
  call_worker();
}

bool Intake::has_callbacks() {
  MutexLock lock(mutex_);
  return !callbacks_.empty();
}

bool Intake::take(Piece& piece) {
  if (!callbacks_.empty()) {
    piece.callback = std::move(callbacks_.front());
    callbacks_.pop_front();
  } else if (const auto queue = std::find_if(queues_.begin(), queues_.end(),
                                             [](const auto& candidate) { return !candidate.empty(); });
             queue != queues_.end()) {
    piece.work = std::move(queue->front());
    queue->pop_front();
    --waiting_;
  } else {
    return false;
  }
  if (foreign_) foreign_->went(1);
  return true;
}

void Intake::run(const Piece& piece) {
  if (piece.work) {
    run(*piece.work);
  } else {
    run_callback(piece.callback, log_, failed_);
  }
}

bool Intake::run_one() {
  bool ran = false;
  {
    Piece piece;  // gone, with all that it holds, before the next one may run
    {
      MutexLock lock(mutex_);
      ran = take(piece);
    }
    if (ran) run(piece);
  }
  MutexLock lock(mutex_);
  if (idle()) {
    --running_;
  } else {
    foreign_->push(shared_from_this());
  }
  return ran;
}

void Intake::work_off() {
  for (;;) {
    Piece piece;
    {
      MutexLock lock(mutex_);
      if (!take(piece)) {
        --running_;
        return;
      }
    }
    run(piece);
  }
}

std::deque<std::shared_ptr<Work>> Intake::close() {
  std::deque<std::shared_ptr<Work>> left;
  MutexLock lock(mutex_);
  closed_ = true;
  waiting_ = 0;
  for (auto& queue : queues_) {
    if (foreign_) foreign_->went(queue.size());
    std::move(queue.begin(), queue.end(), std::back_inserter(left));
    queue.clear();
  }
  for (auto& [name, strand] : strands_) {
    std::move(strand.waiting.begin(), strand.waiting.end(), std::back_inserter(left));
    strand.waiting.clear();
  }
  return left;
}

void Intake::finish() {
  std::deque<std::function<void()>> left;
  {
    MutexLock lock(mutex_);
    finished_ = true;
    left.swap(callbacks_);
    if (foreign_) foreign_->went(left.size());
  }
  for (const auto& callback : left) run_callback(callback, log_, failed_);
}

}  // namespace vagus
