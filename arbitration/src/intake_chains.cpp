// Work of a call chain that blocked workers may run before their intake would.
//
// A worker that waits for its call runs what comes back in the chain of that call: nobody else may be left to
// do so. Where that is serial it still gets its turn, or has it already: a run in whose middle the worker is
// cannot end, or touch anything, before what it has led to has ended. A turn that was given to work which
// only waits for a worker is taken away from it again, since that worker may be the one that is blocked.

#include <algorithm>
#include <memory>
#include <utility>

#include "intake.hpp"

namespace vagus {

/// Work as the blocked workers get it.
class Intake::Early final : public ChainTask {
 public:
  Early(std::shared_ptr<Intake> intake, std::shared_ptr<Work> work, std::uint64_t chain)
      : intake_(std::move(intake)), work_(std::move(work)), chain_(chain) {}

  Answer offer_to(Sleeper& sleeper, const detail::ContextScope* stack) override {
    return intake_->give_early(work_, sleeper, stack);
  }
  bool keep_offered() override { return intake_->keep_offered(*work_, chain_, *this); }

 private:
  const std::shared_ptr<Intake> intake_;
  const std::shared_ptr<Work> work_;
  const std::uint64_t chain_;
};

Intake::Admission Intake::admit(const std::shared_ptr<Work>& work, bool may_run_now, const CallChain& chain) {
  using enum BlockedWorkers::IfRefused;
  if (chain.root == 0) return admit(work, may_run_now);
  const auto early = std::make_shared<Early>(shared_from_this(), work, chain.root);
  if (blocked_->offer(chain.root, chain.link, early, forget)) return Admission::taken;
  const Admission admission = admit(work, may_run_now);
  // The worker that is to wait for it may still be on its way to block.
  if (admission == Admission::taken) blocked_->offer(chain.root, chain.link, early, keep);
  return admission;
}

bool Intake::may_run_inside(const StrandLine& line, const Work& work, const detail::ContextScope* stack) {
  const detail::CallContext* const innermost = line.inside.empty() ? line.running : line.inside.back();
  if (!detail::is_inside(stack, innermost)) return false;
  // It must not get into the middle of another one that was called beside it.
  const wire::Chain& outer = innermost->chain;
  const wire::Chain& inner = work.context()->chain;
  return inner.root != outer.root || inner.depth > outer.depth;
}

ChainTask::Answer Intake::give_early(const std::shared_ptr<Work>& work, Sleeper& sleeper,
                                     const detail::ContextScope* stack) {
  MutexLock lock(mutex_);
  if (work->place_ == Work::Place::taken) return ChainTask::Answer::gone;
  if (closed_) return ChainTask::Answer::refused;
  auto turn = Work::Turn::own;
  const auto found = work->strand().empty() ? strands_.end() : strands_.find(work->strand());
  if (found != strands_.end() && found->second.used()) {
    if (!may_run_inside(found->second, *work, stack)) return ChainTask::Answer::refused;
    turn = Work::Turn::inside;
    found->second.inside.reserve(found->second.inside.size() + 1);  // what follows must not fail
  }
  if (!sleeper.deliver([self = shared_from_this(), work, turn] { self->run(*work, turn, true); })) {
    return ChainTask::Answer::refused;
  }
  if (work->place_ == Work::Place::waiting) take_out(*work);
  if (turn == Work::Turn::inside) {
    found->second.inside.push_back(work->context());
  } else if (!work->strand().empty()) {
    give_turn(*work);
  }
  begin_run(*work);
  work->offered_ = nullptr;  // whoever has offered it forgets it now
  return ChainTask::Answer::taken;
}

bool Intake::keep_offered(Work& work, std::uint64_t chain, const ChainTask& task) {
  MutexLock lock(mutex_);
  if (work.place_ != Work::Place::waiting) return false;
  work.offered_ = &task;
  work.chain_ = chain;
  ++offered_;
  return true;
}

// It has begun, so that nobody offers it any more.
void Intake::withdraw_offer(Work& work) noexcept {
  if (const ChainTask* const task = std::exchange(work.offered_, nullptr))
    blocked_->withdraw(work.chain_, *task);
}

std::shared_ptr<Work> Intake::take_out_of_queue(const Work& work) {
  auto& queue = queue_of(work.priority());
  const auto place =
      std::find_if(queue.begin(), queue.end(), [&](const auto& queued) { return queued.get() == &work; });
  auto taken = std::move(*place);
  queue.erase(place);
  if (foreign_) foreign_->went(1);
  return taken;
}

void Intake::take_out(const Work& work) {
  --waiting_;
  const auto found = work.strand().empty() ? strands_.end() : strands_.find(work.strand());
  if (found == strands_.end() || found->second.next == &work) {
    take_out_of_queue(work);
    if (found != strands_.end()) found->second.next = nullptr;
    return;
  }
  std::erase_if(found->second.waiting, [&](const auto& waiting) { return waiting.get() == &work; });
}

void Intake::give_turn(Work& work) {
  StrandLine& line = strands_[work.strand()];
  if (line.next != nullptr) {
    line.next->line_ = nullptr;
    line.waiting.push_front(take_out_of_queue(*line.next));
  }
  line.next = &work;
  work.line_ = &line;
}

}  // namespace vagus
