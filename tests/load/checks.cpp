#include "load/checks.hpp"

#include <utility>

namespace vagus::load {

namespace {

std::string milliseconds(Duration duration) {
  return std::to_string(static_cast<double>(duration.count()) / 1e6) + " ms";
}

}  // namespace

Checks::Checks(Figures& figures, std::function<void(const std::string&)> report)
    : figures_(figures),
      report_(std::move(report)),
      served_(std::make_unique<std::atomic<std::uint64_t>[]>(remembered)) {}

bool Checks::may_fail_with(const Error& error) const {
  switch (error.code()) {
    case ErrorCode::transaction_timeout:
    case ErrorCode::transport_disconnected:
    case ErrorCode::overloaded:
      return true;
    case ErrorCode::unknown_api:
    case ErrorCode::unsupported_api:
      return peer_ends_.load() || stopping_.load();
    case ErrorCode::transport_finished:
    case ErrorCode::transaction_cancelled:
      return stopping_.load() || (peer_ends_.load() && error.execution() == Execution::not_run);
    case ErrorCode::remote:
      // Its handler made a call that failed, or found too much lent already.
      return error.name_space().ends_with(".relay") ||
             std::string_view(error.what()).find("can be lent") != std::string_view::npos;
    default:
      return false;
  }
}

void Checks::call_ended(const char* kind, TimePoint began, Duration allowed, const ErrorPtr& error,
                        TimePoint ended) {
  Figures::count(figures_.calls);
  if (!error) {
    Figures::count(figures_.answered);
  } else if (error->code() == ErrorCode::transaction_timeout) {
    Figures::count(figures_.timed_out);
  } else if (error->code() == ErrorCode::transport_disconnected) {
    Figures::count(figures_.disconnected);
  } else if (error->code() == ErrorCode::overloaded) {
    Figures::count(figures_.overloaded);
  } else {
    Figures::count(figures_.refused);
  }
  if (error && !may_fail_with(*error)) {
    fault(std::string(kind) + " came to an error that nothing here explains: " + to_string(error->code()) +
          ": " + error->what());
  }
  if (allowed == no_timeout) return;
  const Duration took = ended - began;
  Figures::raise(figures_.longest_ns, took.count());
  const Duration late = took - allowed;
  const Duration kept = late > Duration::zero() ? pulse_.missed(began, ended) : Duration::zero();
  Figures::raise(figures_.excess_ns, late.count());
  Figures::raise(figures_.excess_running_ns, (late - kept).count());
  if (error && error->code() == ErrorCode::transaction_timeout && took < allowed) {
    fault(std::string(kind) + " timed out after " + milliseconds(took) + ", before its deadline of " +
          milliseconds(allowed) + ": " + error->what());
  }
  if (late - kept > allowance) {
    fault(std::string(kind) + " ended after " + milliseconds(took) + "; its deadline was " +
          milliseconds(allowed) + ", and its process was kept from running for " + milliseconds(kept) +
          (error ? std::string(": ") + error->what() : std::string()));
  }
}

void Checks::answered(const char* kind, const Question& question, bool right) const {
  if (right) return;
  fault(std::string(kind) + " got the answer to something else than question " +
        std::to_string(question.number) + " of " + std::to_string(question.asker));
}

std::shared_ptr<Checks::Expected> Checks::expect_callback(const char* kind, Duration allowed) {
  auto expected = std::make_shared<Expected>(kind, allowed);
  MutexLock lock(mutex_);
  expected_.push_back(expected);
  return expected;
}

void Checks::look_for_lost_callbacks() {
  const TimePoint now = Deadline::now();
  MutexLock lock(mutex_);
  expected_.remove_if([&](const auto& expected) {
    if (expected->has_come()) return true;
    if (expected->allowed() == no_timeout) return false;
    const Duration late = now - expected->began() - expected->allowed();
    if (late <= allowance || late - pulse_.missed(expected->began(), now) <= allowance) return false;
    fault(std::string("the callback of ") + expected->kind() + " has not come after " +
          milliseconds(now - expected->began()) + "; the deadline was " + milliseconds(expected->allowed()));
    return true;
  });
}

void Checks::expect_no_callbacks() {
  MutexLock lock(mutex_);
  for (const auto& expected : expected_) {
    if (!expected->has_come()) fault(std::string("the callback of ") + expected->kind() + " never came");
  }
  expected_.clear();
}

void Checks::served(const Question& question) {
  Figures::count(figures_.served);
  const std::uint64_t answer = answer_to(question);
  if (served_[answer % remembered].exchange(answer) == answer) {
    fault("question " + std::to_string(question.number) + " of " + std::to_string(question.asker) +
          " came twice");
  }
}

void Checks::heard(const std::string& subscriber, const Tick& tick) {
  Figures::count(figures_.heard);
  MutexLock lock(mutex_);
  const auto [place, first] = heard_.try_emplace({subscriber, tick.sender}, tick.number);
  if (first) return;
  if (tick.number <= place->second) {
    fault(subscriber + " heard number " + std::to_string(tick.number) + " after number " +
          std::to_string(place->second) + " of the same sender");
  } else {
    Figures::count(figures_.missed, tick.number - place->second - 1);
  }
  place->second = tick.number;
}

}  // namespace vagus::load
