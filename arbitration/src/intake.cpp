#include "intake.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <vagus/api/call.hpp>

#include "callback.hpp"

namespace vagus {

Intake::Intake(EventLoop& loop, std::shared_ptr<ForeignLoop> foreign, std::shared_ptr<BlockedWorkers> blocked,
               Log& log, Counter& failed, unsigned workers, std::size_t capacity)
    : loop_(loop),
      foreign_(std::move(foreign)),
      blocked_(std::move(blocked)),
      log_(log),
      failed_(failed),
      inline_(workers == 0 && !foreign_),
      workers_(std::max(1u, workers)),
      capacity_(capacity) {}

std::deque<std::shared_ptr<Work>>& Intake::queue_of(Priority priority) {
  return queues_[static_cast<std::size_t>(
      1 - static_cast<int>(std::clamp(priority, Priority::low, Priority::high)))];
}

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
  const auto found = work->strand().empty() ? strands_.end() : strands_.find(work->strand());
  StrandLine* const behind = found != strands_.end() ? &found->second : nullptr;
  if (behind == nullptr && (inline_ || (may_run_now && !foreign_ && running_ < workers_ && idle()))) {
    if (!work->strand().empty()) give_turn(*work);
    if (!inline_) ++running_;
    begin_run(*work);
    return Admission::run_now;
  }
  const std::size_t room = work->strand_capacity();
  const bool too_many = behind != nullptr && room != 0 && behind->waiting.size() >= room;
  if (too_many && work->drops_oldest()) {
    const auto oldest = std::move(behind->waiting.front());
    behind->waiting.pop_front();
    behind->waiting.push_back(work);
    note_taken(*oldest);  // for good
    work->place_ = Work::Place::waiting;
    lock.unlock();
    oldest->lost();
    return Admission::taken;
  }
  if (too_many || (waiting_ >= capacity_ && !work->has_own_place())) return Admission::full;
  if (behind != nullptr) {
    behind->waiting.push_back(work);
  } else {
    if (!work->strand().empty()) give_turn(*work);
    push(work);
  }
  work->place_ = Work::Place::waiting;
  ++waiting_;
  return Admission::taken;
}

void Intake::push(std::shared_ptr<Work> work) {
  queue_of(work->priority()).push_back(std::move(work));
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
  run(*work, Work::Turn::own, false);
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

void Intake::run(Work& work, Work::Turn turn, bool early) {
  work.turn_ = work.strand().empty() ? Work::Turn::none : turn;
  if (work.turn_ != Work::Turn::none || work.unsolicited()) work.ends_in_ = shared_from_this();
  if (work.unsolicited() && stopping_.load(std::memory_order_relaxed)) work.call()->request_stop();
  try {
    if (early) {
      work.run_early();
    } else {
      work.run();
    }
  } catch (const std::exception& error) {
    // It promises to throw nothing; should memory have run out, this worker still works for the others.
    log_.error(std::string("an exception left the run of a handler: ") + error.what());
    work.end_run();
  }
}

void Work::end_run() noexcept {
  if (const auto intake = std::exchange(ends_in_, nullptr)) intake->over(*this);
}

void Intake::over(Work& work) {
  {
    MutexLock lock(mutex_);
    if (work.unsolicited()) unlist(work);
    if (work.turn_ == Work::Turn::none || !hand_turn_on(work)) return;
  }
  // Its turn may go to a worker that is blocked, and it may be the only one that is left.
  blocked_->offer_all_again();
}

bool Intake::hand_turn_on(const Work& work) {
  const auto found = strands_.find(work.strand());
  if (found == strands_.end()) return false;
  StrandLine& line = found->second;
  if (work.turn_ == Work::Turn::own) {
    line.running = nullptr;
  } else {
    std::erase(line.inside, work.context());
  }
  if (!line.used() && line.waiting.empty()) {
    strands_.erase(found);
    return false;
  }
  if (!line.used()) {
    auto next = std::move(line.waiting.front());
    line.waiting.pop_front();
    line.next = next.get();
    next->line_ = &line;
    push(std::move(next));
  }
  return offered_ != 0;
}

void Intake::note_taken(Work& work) {
  work.place_ = Work::Place::taken;
  if (work.offered_ != nullptr) --offered_;
  if (StrandLine* const line = std::exchange(work.line_, nullptr)) {
    line->next = nullptr;
    line->running = work.context();
  }
}

void Intake::begin_run(Work& work) {
  note_taken(work);
  if (!work.unsolicited()) return;
  work.listed_after_ = unsolicited_;
  if (unsolicited_ != nullptr) unsolicited_->listed_before_ = &work;
  unsolicited_ = &work;
}

void Intake::unlist(const Work& work) {
  (work.listed_before_ != nullptr ? work.listed_before_->listed_after_ : unsolicited_) = work.listed_after_;
  if (work.listed_after_ != nullptr) work.listed_after_->listed_before_ = work.listed_before_;
}

void Intake::stop_unsolicited() noexcept {
  std::vector<std::shared_ptr<detail::IncomingCall>> calls;
  {
    MutexLock lock(mutex_);
    stopping_.store(true, std::memory_order_relaxed);
    for (const Work* work = unsolicited_; work != nullptr; work = work->listed_after_) {
      calls.push_back(work->call());
    }
  }
  for (const auto& call : calls) call->request_stop();
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
    begin_run(*piece.work);
  } else {
    return false;
  }
  if (foreign_) foreign_->went(1);
  return true;
}

void Intake::run(const Piece& piece) {
  if (piece.work) {
    withdraw_offer(*piece.work);
    run(*piece.work, Work::Turn::own, false);
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
  {
    MutexLock lock(mutex_);
    closed_ = true;
    waiting_ = 0;
    for (auto& queue : queues_) {
      if (foreign_) foreign_->went(queue.size());
      std::move(queue.begin(), queue.end(), std::back_inserter(left));
      queue.clear();
    }
    for (auto& [name, line] : strands_) {
      std::move(line.waiting.begin(), line.waiting.end(), std::back_inserter(left));
      line.waiting.clear();
    }
    for (const auto& work : left) {
      if (work->line_ != nullptr) work->line_->next = nullptr;
      work->line_ = nullptr;
      note_taken(*work);  // by whoever gets it
    }
    std::erase_if(strands_, [](const auto& strand) { return !strand.second.used(); });
  }
  for (const auto& work : left) withdraw_offer(*work);
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
