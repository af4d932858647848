// Where the program's own event loop serves: what is the program's runs in process() and nowhere else.
//
// The threads of that loop are those that have called process(); before the first one has, that which made
// the ApiArb. They are known, since one of them that waits has to do meanwhile what no other thread may: run
// what comes back to it in the chain of the call that it waits for (LoopThreadScope), and have those
// coroutines go on whose end it waits for (Duty).

#include <stdexcept>
#include <string>

#include "arbitrator.hpp"

namespace vagus {

ForeignLoop& Arbitrator::foreign(const char* asking) const {
  check_home();
  if (!foreign_) {
    throw std::logic_error(std::string(asking) +
                           " of an ApiArb that runs handlers on threads of its own: make " +
                           "it with ArbOptions{.loop = vagus::Loop::foreign}");
  }
  return *foreign_;
}

bool Arbitrator::on_loop_thread() const noexcept {
  if (std::this_thread::get_id() != made_by_) return detail::has_duty(*this);
  return !foreign_->ever_processed() || maker_serves_.load(std::memory_order_relaxed);
}

void Arbitrator::be_loop_thread() {
  detail::take_on(shared_from_this());
  if (std::this_thread::get_id() == made_by_) maker_serves_.store(true, std::memory_order_relaxed);
}

void Arbitrator::be_loop_thread_for_now() {
  // It has the duty, and does nothing for it once another thread serves: see run_duty().
  if (foreign_ && std::this_thread::get_id() == made_by_) detail::take_on(shared_from_this());
}

int Arbitrator::descriptor() const { return foreign("descriptor()").descriptor(); }

std::size_t Arbitrator::process(std::size_t at_most, Deadline until) {
  ForeignLoop& loop = foreign("process()");
  const auto self = shared_from_this();  // what is run may destroy the ApiArb
  be_loop_thread();
  return loop.process(at_most, until);
}

bool Arbitrator::run_duty(Extent extent) noexcept {
  if (home_.left() || !on_loop_thread()) return false;
  be_loop_thread();  // it processes
  if (extent == Extent::continuations) return foreign_->process_continuation();
  return foreign_->process(1, Deadline::never()) != 0;
}

}  // namespace vagus
