#include "load/service.hpp"

#include <stdexcept>
#include <utility>

namespace vagus::load {

namespace {

constexpr std::size_t most_kept = 4;
constexpr std::size_t most_held = 4;

}  // namespace

void KeptLoans::keep(Loan<const std::uint64_t> loan, std::uint64_t seed) {
  Kept oldest;  // given back outside of the lock
  {
    MutexLock lock(mutex_);
    kept_.push_back({std::move(loan), seed});
    if (kept_.size() <= most_kept) return;
    oldest = std::move(kept_.front());
    kept_.pop_front();
  }
  if (!is_filled({oldest.loan.data(), oldest.loan.size()}, oldest.seed)) {
    checks_.fault("a loan that was kept holds something else by now");
  }
}

void KeptLoans::clear() {
  std::deque<Kept> gone;
  MutexLock lock(mutex_);
  gone.swap(kept_);
}

Service::Service(LoadApi& own, LoadApi& theirs, Checks& checks)
    : checks_(checks), theirs_(theirs), kept_(checks) {
  registrations_.push_back(serve(own, *this));
  for (const char* const subscriber : {"the first subscriber", "the second subscriber"}) {
    registrations_.push_back(
        theirs.ticked.subscribe([this, subscriber](const Tick& tick) { checks_.heard(subscriber, tick); }));
  }
  registrations_.push_back(
      theirs.lent.subscribe([this](const Tick& tick, const Loan<const std::uint64_t>& loan) {
        checks_.heard("the subscriber of loans", tick);
        if (!is_filled({loan.data(), loan.size()}, tick.number)) {
          checks_.fault("an event lent something else than it says");
        }
        kept_.keep(loan, tick.number);
      }));
}

Service::~Service() { registrations_.clear(); }

std::uint64_t Service::_handler_ask(const Question& question) {
  checks_.served(question);
  return answer_to(question);
}

Bytes Service::_handler_transform(const Question& question, const Bytes& bytes) {
  checks_.served(question);
  if (!is_filled(bytes, question.number)) checks_.fault("a request brought other bytes than its own");
  return filled_bytes(bytes.size(), answer_to(question));
}

std::uint64_t Service::_handler_take(const Question& question, const Loan<const std::uint64_t>& loan) {
  checks_.served(question);
  if (!is_filled({loan.data(), loan.size()}, question.number)) {
    checks_.fault("a request lent something else than it says");
  }
  kept_.keep(loan, question.number);
  return answer_to(question);
}

Loan<const std::uint64_t> Service::_handler_give(Call& call, const Question& question, std::uint32_t count) {
  checks_.served(question);
  auto loan = call.loan<std::uint64_t>(count);
  fill({loan.data(), loan.size()}, answer_to(question));
  return loan;
}

std::uint64_t Service::_handler_relay(Call& call, const Question& question) {
  checks_.served(question);
  // A question of our own, that the asker's side has not had yet.
  const Question further{~question.asker, question.number};
  const std::uint64_t answer = theirs_.ask(further).to(call.peer()).call();
  checks_.answered("a nested call", further, answer == answer_to(further));
  return answer_to(question);
}

std::uint64_t Service::_handler_tell(Call& call, const Question& question, std::uint32_t parts) {
  checks_.served(question);
  for (std::uint32_t number = 0; number < parts; ++number) call.progress(part_of(question, number));
  return answer_to(question);
}

void Service::_handler_hold(Call& call) {
  auto reply = call.defer<void>();
  MutexLock lock(mutex_);
  if (held_.size() >= most_held) held_.erase(held_.begin());  // of peers that are long gone
  held_.push_back(std::move(reply));
}

void Service::_handler_note(const Tick& tick) { checks_.heard("the handler of notes", tick); }

}  // namespace vagus::load
