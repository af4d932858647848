#include "script.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <vagus/core/clock.hpp>
#include <vagus/testing/failed.hpp>

#include "script_text.hpp"
#include "waiting.hpp"

namespace vagus::detail {

using testing::Failed;
using testing::Received;

// What was expected
// ----------------------------------------------------------------------------------------------------------

std::string Script::Entry::to_string() const {
  return (expected->event ? "event " : "") + expected->message.to_string() + ", " + limits_text(least, most) +
         ", came " + times_text(came);
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

bool Script::fits(const Entry& entry, const Received& received) {
  std::string what = "something that is no std::exception";
  try {
    return entry.expected->message.fits(received);
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {  // told below
  }
  broken_.push_back("what was asked of " + entry.expected->message.to_string() + " threw for " +
                    to_string(received) + ": " + what);
  return false;
}

std::size_t Script::turn() const {
  if (!in_order_) return 0;
  std::size_t index = entries_.size();
  while (index-- != 0) {
    const Entry& entry = entries_[index];
    if (!entry.expected->event && entry.least != 0 && entry.came != 0) return index;
  }
  return 0;
}

Script::Entry* Script::take_call(const Received& received) {
  const std::size_t first = turn();
  bool early = false;  // one that is expected in order, before those behind it, has not come yet
  for (std::size_t index = 0; index != entries_.size(); ++index) {
    Entry& entry = entries_[index];
    const bool in_turn = entry.least == 0 || (index >= first && !early);
    if (entry.expected->event || !in_turn) continue;
    const bool meant = fits(entry, received);
    if (meant && (entry.most == 0 || entry.came < entry.most)) {
      ++entry.came;
      if (entry.most != 0) return &entry;
      ++entry.done;
      return nullptr;
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

void Script::refuse(const Received& received, unsigned life) {
  MutexLock lock(mutex_);
  if (life <= ended_) throw Failed("the scripted peer has died");  // to nobody: its links have ended
  const std::string text = refusal(received);
  unexpected_.push_back(to_string(received));
  changed_.notify_all();
  throw Failed(text);
}

void Script::call(Call& call, Received received, unsigned life) {
  MutexLock lock(mutex_);
  Entry* const entry = life <= ended_ ? nullptr : take_call(received);
  if (entry == nullptr) {
    lock.unlock();
    refuse(received, life);
  }
  Reply<Value> reply = call.defer<Value>();
  if (const auto expected = entry->expected; expected->answer) {
    lock.unlock();
    answer(*expected, reply, received);
    lock.lock();
  } else {
    entry->held.push_back(
        std::make_shared<HeldCall>(std::move(reply), call.stop_token(), std::move(received)));
  }
  ++entry->done;
  changed_.notify_all();
}

void Script::answer(const Expected& expected, Reply<Value>& reply, const Received& received) {
  try {
    expected.answer(reply, received);
  } catch (const Failed& failed) {
    {
      // Before the caller hears of it: the test may verify then.
      MutexLock lock(mutex_);
      broken_.push_back("answering " + to_string(received) + ": " + failed.what());
      changed_.notify_all();
    }
    reply.fail(std::current_exception());
  } catch (...) {
    reply.fail(std::current_exception());
  }
}

void Script::event(Received received, unsigned life) {
  MutexLock lock(mutex_);
  if (life <= ended_) return;
  Entry* meant = nullptr;
  for (Entry& entry : entries_) {
    if (!entry.expected->event || (meant != nullptr && entry.came >= entry.most)) continue;
    if (!fits(entry, received)) continue;
    meant = &entry;
    if (entry.came < entry.most) break;
  }
  if (meant != nullptr) {
    ++meant->came;  // if all have theirs, once too often, as verify() finds
    ++meant->done;
  } else {
    unheard_.push_back(to_string(received));
  }
  changed_.notify_all();
}

void Script::end_life(unsigned life) {
  std::vector<std::shared_ptr<HeldCall>> dropped;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  ended_ = life;
  for (Entry& entry : entries_) {
    dropped.insert(dropped.end(), entry.held.begin(), entry.held.end());
    entry.held.clear();
  }
  lock.unlock();
}

std::shared_ptr<HeldCall> Script::held(std::size_t index, bool take) {
  MutexLock lock(mutex_);
  Entry& entry = entries_[index];
  const TimePoint end = end_of_waiting(timeout_);
  while (entry.held.empty()) {
    if (!wait_until(end, lock)) throw Failed(waited_for(entry));
  }
  std::shared_ptr<HeldCall> first = entry.held.front();
  if (take) entry.held.pop_front();
  return first;
}

// What the test asks
// ----------------------------------------------------------------------------------------------------------

bool Script::wait_until(TimePoint end, MutexLock& lock) const {
  return changed_.wait_until(lock.native(), end) == std::cv_status::no_timeout || Clock::steady().now() < end;
}

bool Script::decided() const {
  const auto is_over = [](const Entry& entry) { return entry.came > entry.most; };
  const auto has_come = [](const Entry& entry) { return entry.done >= entry.least; };
  return !unexpected_.empty() || !broken_.empty() || std::any_of(entries_.begin(), entries_.end(), is_over) ||
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
         listed("called, and nobody expected it", unexpected_) + listed("went wrong in the test", broken_) +
         (event_missing ? listed("other events that came", unheard_) : std::string());
}

std::string Script::waited_for(const Entry& entry) const {
  return "waited " + milliseconds_text(timeout_) + " for " + entry.to_string() + faults();
}

std::size_t Script::count(std::size_t index) const {
  MutexLock lock(mutex_);
  return entries_[index].came;
}

void Script::wait_for(std::size_t index) const {
  MutexLock lock(mutex_);
  const Entry& entry = entries_[index];
  const TimePoint end = end_of_waiting(timeout_);
  while (entry.done < std::max<std::size_t>(entry.least, 1)) {
    if (!wait_until(end, lock)) throw Failed(waited_for(entry));
  }
}

void Script::wait() const {
  MutexLock lock(mutex_);
  const TimePoint end = end_of_waiting(timeout_);
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
