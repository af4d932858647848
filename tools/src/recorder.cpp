#include "recorder.hpp"

#include <chrono>
#include <exception>

#include "figures.hpp"
#include "json.hpp"

namespace vagus::tools {

namespace {

std::exception_ptr thrown_by(const Error& error) {
  std::exception_ptr thrown;
  try {
    error.raise();
  } catch (...) {
    thrown = std::current_exception();
  }
  return thrown;
}

}  // namespace

void Recorder::begin() {
  MutexLock lock(mutex_);
  ensure_begun();
}

void Recorder::ensure_begun() {
  if (begun_) return;
  begun_ = true;
  writer_.begin(head_);
}

void Recorder::event(const HeardEvent& event, std::uint64_t missed) {
  MutexLock lock(mutex_);
  if (has_enough()) return;
  try {
    ensure_begun();
    const Duration at = Deadline::now() - began_;
    if (missed != 0) writer_.lost(at, missed);
    writer_.event(at, event);
    lost_ += missed;
    ++events_;
    if (has_enough()) end_.come();
  } catch (const std::exception&) {
    end_.come(std::current_exception());  // it cannot be written
  }
}

void Recorder::call(const HeardEvent& called, TimePoint began, const Result<Value>& outcome) {
  MutexLock lock(mutex_);
  if (has_enough()) return;
  try {
    ensure_begun();
    const TimePoint now = Deadline::now();
    if (outcome) {
      writer_.answer(now - began_, called, now - began, *outcome);
    } else {
      writer_.failure(now - began_, called, now - began,
                      ExceptionTypes().describe(thrown_by(outcome.error())));
    }
    ++calls_;
    if (has_enough()) end_.come();
  } catch (const std::exception&) {
    end_.come(std::current_exception());
  }
}

void Recorder::finish() {
  MutexLock lock(mutex_);
  time_ = Deadline::now() - began_;
  writer_.end(time_);
}

std::string Recorder::summary() {
  MutexLock lock(mutex_);
  if (options_.json) {
    return one_line(Json{{"file", options_.output},
                         {"events", events_},
                         {"calls", calls_},
                         {"lost", lost_},
                         {"seconds", std::chrono::duration<double>(time_).count()},
                         {"bytes", writer_.bytes()}});
  }
  return counted(events_, "event") + (options_.through.empty() ? "" : " and " + counted(calls_, "call")) +
         " in " + short_time(time_) + ", " + size_text(static_cast<double>(writer_.bytes())) +
         (lost_ == 0 ? "" : "; " + std::to_string(lost_) + " more came too fast and were lost");
}

}  // namespace vagus::tools
