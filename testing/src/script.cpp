#include "script.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <vagus/testing/failed.hpp>

namespace vagus::detail {

using testing::Failed;
using testing::Received;

namespace {

std::string times(std::size_t count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

std::string limits(std::size_t least, std::size_t most) {
  if (most == 0) return "never";
  if (least == most) return times(least);
  if (most != Expected::unlimited) return "up to " + times(most);
  return least == 0 ? "any number of times" : "at least " + times(least);
}

std::string seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

/// Lines below a heading; nothing without lines.
std::string listed(const std::string& heading, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text = '\n' + heading + ':';
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

}  // namespace

// What was expected
// ----------------------------------------------------------------------------------------------------------

std::string Script::Entry::to_string() const {
  return (expected->event ? "event " : "") + expected->message.to_string() + ", " + limits(least, most) +
         ", came " + times(came);
}

std::size_t Script::add(Expected expected) {
  MutexLock lock(mutex_);
  const std::size_t least = expected.least;
  const std::size_t most = expected.most;
  entries_.push_back({std::make_shared<const Expected>(std::move(expected)), least, most});
  return entries_.size() - 1;
}

void Script::limit(std::size_t index, std::size_t least, std::size_t most) {
  MutexLock lock(mutex_);
  entries_[index].least = least;
  entries_[index].most = most;
  changed_.notify_all();
}

std::vector<std::string> Script::names_of_calls() const {
  MutexLock lock(mutex_);
  std::set<std::string> names;
  for (const Entry& entry : entries_) {
    if (!entry.expected->event) names.insert(entry.expected->message.name_space);
  }
  return {names.begin(), names.end()};
}

// What comes
// ----------------------------------------------------------------------------------------------------------

Script::Entry* Script::take_call(const Received& received) {
  bool early = false;  // one that is expected in order, before those behind it, has not come yet
  for (Entry& entry : entries_) {
    if (entry.expected->event || (early && entry.least != 0)) continue;
    const bool fits = entry.expected->message.fits(received);
    if (fits && entry.most == 0) return nullptr;
    if (fits && entry.came < entry.most) {
      ++entry.came;
      return &entry;
    }
    if (in_order_ && entry.came < entry.least) early = true;
  }
  return nullptr;
}

std::string Script::refusal(const Received& received) const {
  std::vector<std::string> lines;
  for (const Entry& entry : entries_) {
    if (!entry.expected->event) lines.push_back(entry.to_string());
  }
  const std::string text = "the test did not expect " + to_string(received);
  if (lines.empty()) return text + ", nor any other call";
  return text + listed(in_order_ ? "It expected, in this order" : "It expected", lines);
}

void Script::refuse(const Received& received) {
  MutexLock lock(mutex_);
  const std::string text = refusal(received);
  unexpected_.push_back(to_string(received));
  changed_.notify_all();
  throw Failed(text);
}

void Script::call(Call& call, Received received) {
  MutexLock lock(mutex_);
  Entry* const entry = take_call(received);
  if (entry == nullptr) {
    lock.unlock();
    refuse(received);
  }
  Reply<Value> reply = call.defer<Value>();
  if (const auto expected = entry->expected; expected->answer) {
    lock.unlock();
    try {
      expected->answer(reply, received);
    } catch (...) {
      reply.fail(std::current_exception());
    }
    lock.lock();
  } else {
    entry->held.push_back(
        std::make_shared<HeldCall>(std::move(reply), call.stop_token(), std::move(received)));
  }
  ++entry->done;
  changed_.notify_all();
}

void Script::event(Received received) {
  MutexLock lock(mutex_);
  Entry* full = nullptr;
  for (Entry& entry : entries_) {
    if (!entry.expected->event || !entry.expected->message.fits(received)) continue;
    if (entry.came < entry.most) {
      ++entry.came;
      ++entry.done;
      changed_.notify_all();
      return;
    }
    if (full == nullptr) full = &entry;
  }
  if (full != nullptr) {
    ++full->came;  // once too often, as verify() finds
  } else {
    unheard_.push_back(to_string(received));
  }
  changed_.notify_all();
}

std::shared_ptr<HeldCall> Script::held(std::size_t index, bool take) {
  MutexLock lock(mutex_);
  Entry& entry = entries_[index];
  const auto end = end_of_waiting();
  while (entry.held.empty()) {
    if (!wait_until(end, lock)) throw Failed(waited_for(entry));
  }
  std::shared_ptr<HeldCall> first = entry.held.front();
  if (take) entry.held.pop_front();
  return first;
}

void Script::drop_held() {
  std::vector<std::shared_ptr<HeldCall>> dropped;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  for (Entry& entry : entries_) {
    dropped.insert(dropped.end(), entry.held.begin(), entry.held.end());
    entry.held.clear();
  }
  lock.unlock();
}

// What the test asks
// ----------------------------------------------------------------------------------------------------------

std::chrono::steady_clock::time_point Script::end_of_waiting() const {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout_);
}

bool Script::wait_until(std::chrono::steady_clock::time_point end, MutexLock& lock) const {
  return changed_.wait_until(lock.native(), end) == std::cv_status::no_timeout ||
         std::chrono::steady_clock::now() < end;
}

bool Script::decided() const {
  const auto is_over = [](const Entry& entry) { return entry.came > entry.most; };
  const auto has_come = [](const Entry& entry) { return entry.done >= entry.least; };
  return !unexpected_.empty() || std::any_of(entries_.begin(), entries_.end(), is_over) ||
         std::all_of(entries_.begin(), entries_.end(), has_come);
}

std::string Script::faults() const {
  std::vector<std::string> missing;
  std::vector<std::string> too_many;
  bool event_missing = false;
  for (const Entry& entry : entries_) {
    if (entry.came < entry.least) {
      missing.push_back(entry.to_string());
      event_missing = event_missing || entry.expected->event;
    }
    if (entry.came > entry.most) too_many.push_back(entry.to_string());
  }
  return listed("expected, and did not come", missing) + listed("came too often", too_many) +
         listed("called, and nobody expected it", unexpected_) +
         (event_missing ? listed("other events that came", unheard_) : std::string());
}

std::string Script::waited_for(const Entry& entry) const {
  return "waited " + seconds(timeout_) + " for " + entry.to_string() + faults();
}

std::size_t Script::count(std::size_t index) const {
  MutexLock lock(mutex_);
  return entries_[index].came;
}

void Script::wait_for(std::size_t index) const {
  MutexLock lock(mutex_);
  const Entry& entry = entries_[index];
  const auto end = end_of_waiting();
  while (entry.done < std::max<std::size_t>(entry.least, 1)) {
    if (!wait_until(end, lock)) throw Failed(waited_for(entry));
  }
}

void Script::wait() const {
  MutexLock lock(mutex_);
  const auto end = end_of_waiting();
  while (!decided() && wait_until(end, lock)) {
  }
  check();
}

void Script::verify() const {
  MutexLock lock(mutex_);
  check();
}

void Script::check() const {
  const std::string found = faults();
  if (!found.empty()) throw Failed("the conversation was not what was expected" + found);
}

}  // namespace vagus::detail
