#include "parked_calls.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <vagus/core/call_context.hpp>
#include <vagus/wire/codec.hpp>

namespace vagus {

ParkedCall::ParkedCall(const detail::Outgoing& call, std::shared_ptr<Transaction> transaction)
    : ParkedCall(call, std::move(transaction), detail::current_chain()) {}

ParkedCall::ParkedCall(const ParkedCall& other) : ParkedCall(other, other.transaction_, other.chain_) {}

ParkedCall::ParkedCall(const detail::Outgoing& call, std::shared_ptr<Transaction> transaction,
                       const std::optional<wire::Chain>& chain)
    : transaction_(std::move(transaction)),
      keep_root_(call.root != nullptr ? call.root->shared_from_this() : nullptr),
      chain_(chain),
      keyword_(call.keyword.begin(), call.keyword.end()) {
  name_space = call.name_space;
  root = call.root;
  target = call.target;
  deadline = call.deadline;
  priority = call.priority;
  when_full = call.when_full;
  when_down = call.when_down;
  idempotent = call.idempotent;
  event = call.event;
  keyword = keyword_;
  params_ = wire::written([&](wire::Writer& writer) { call.pack(writer); });
}

std::size_t ParkedCalls::length(const std::string& line) const {
  const auto found = queues_.find(line);
  if (found == queues_.end()) return 0;
  return found->second.calls.size() + (found->second.counts_taken() ? 1 : 0);
}

bool ParkedCalls::has_place(const std::string& line, std::size_t capacity, Calls& ended) {
  if (unsent_.load() < limit_ && length(line) < capacity) return true;
  drop_ended(ended);
  return unsent_.load() < limit_ && length(line) < capacity;
}

bool ParkedCalls::add(const std::string& line, std::unique_ptr<ParkedCall>& call, std::size_t capacity) {
  Calls ended;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  const bool taken = has_place(line, capacity, ended);
  if (taken) {
    queues_[line].calls.push_back(std::move(call));
    unsent_.fetch_add(1);
  }
  lock.unlock();
  return taken;
}

std::unique_ptr<ParkedCall> ParkedCalls::take_oldest(const std::string& line) {
  MutexLock lock(mutex_);
  const auto found = queues_.find(line);
  if (found == queues_.end() || found->second.calls.empty()) return nullptr;
  auto oldest = std::move(found->second.calls.front());
  found->second.calls.pop_front();
  unsent_.fetch_sub(1);
  return oldest;
}

bool ParkedCalls::make_place(const std::string& line, std::unique_ptr<ParkedCall>& oldest) {
  {
    MutexLock lock(mutex_);
    const auto found = queues_.find(line);
    if (found != queues_.end() && found->second.counts_taken()) {
      found->second.given_up = true;
      unsent_.fetch_sub(1);
      return true;
    }
  }
  oldest = take_oldest(line);
  return oldest != nullptr;
}

bool ParkedCalls::full(const std::string& line, std::size_t capacity) {
  Calls ended;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  const bool place = has_place(line, capacity, ended);
  lock.unlock();
  return !place;
}

bool ParkedCalls::holds(const std::string& line, std::size_t count) {
  Calls ended;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  if (length(line) >= count) drop_ended(ended);
  const bool so_many = length(line) >= count;
  lock.unlock();
  return so_many;
}

void ParkedCalls::drop_ended(Calls& ended) {
  for (auto& [endpoint, queue] : queues_) {
    for (auto& parked : queue.calls) {
      if (!parked->ended()) continue;
      if (!parked->transaction()) messages_dropped_.add();
      ended.push_back(std::move(parked));
    }
    std::erase(queue.calls, nullptr);
  }
  unsent_.fetch_sub(ended.size());
}

Deadline ParkedCalls::next_expiry() const {
  Deadline next;
  MutexLock lock(mutex_);
  for (const auto& [line, queue] : queues_) {
    for (const auto& parked : queue.calls) {
      if (!parked->transaction()) next = std::min(next, parked->deadline);
    }
  }
  return next;
}

bool ParkedCalls::any(const std::string& line) const {
  MutexLock lock(mutex_);
  const auto found = queues_.find(line);
  return found != queues_.end() && (found->second.one_taken || !found->second.calls.empty());
}

bool ParkedCalls::goes_first(const std::string& line, std::uint64_t chances,
                             FunctionRef<bool(const ParkedCall&)> precedes) const {
  MutexLock lock(mutex_);
  const auto found = queues_.find(line);
  if (found == queues_.end()) return false;
  const Queue& queue = found->second;
  if (queue.sending || queue.chances != chances) return queue.one_taken || !queue.calls.empty();
  return std::any_of(queue.calls.begin(), queue.calls.end(),
                     [&](const auto& parked) { return !parked->ended() && precedes(*parked); });
}

bool ParkedCalls::begin_sending(const std::string& line) {
  MutexLock lock(mutex_);
  const auto found = queues_.find(line);
  if (found == queues_.end()) return false;
  found->second.again = found->second.sending;
  return !std::exchange(found->second.sending, true);
}

std::unique_ptr<ParkedCall> ParkedCalls::next(const std::string& line) {
  MutexLock lock(mutex_);
  Queue& queue = queues_[line];
  if (queue.counts_taken()) unsent_.fetch_sub(1);
  queue.one_taken = queue.given_up = false;
  if (queue.calls.empty()) {
    queues_.erase(line);
    return nullptr;
  }
  auto next = std::move(queue.calls.front());
  queue.calls.pop_front();
  queue.one_taken = true;
  return next;
}

bool ParkedCalls::put_back(const std::string& line, std::unique_ptr<ParkedCall>& call,
                           std::uint64_t chances) {
  MutexLock lock(mutex_);
  Queue& queue = queues_[line];
  if (queue.counts_taken()) queue.calls.push_front(std::move(call));
  queue.one_taken = queue.given_up = false;
  queue.chances = chances;
  queue.sending = std::exchange(queue.again, false);
  return queue.sending;
}

void ParkedCalls::move(const std::string& line, std::unique_ptr<ParkedCall> call) {
  MutexLock lock(mutex_);
  queues_[line].calls.push_back(std::move(call));
  unsent_.fetch_add(1);
}

std::vector<std::string> ParkedCalls::lines() const {
  std::vector<std::string> lines;
  MutexLock lock(mutex_);
  for (const auto& [line, queue] : queues_) lines.push_back(line);
  return lines;
}

ParkedCalls::Calls ParkedCalls::take_all() {
  Calls all;
  MutexLock lock(mutex_);
  for (auto& [endpoint, queue] : queues_) {
    std::move(queue.calls.begin(), queue.calls.end(), std::back_inserter(all));
    queue.calls.clear();
  }
  unsent_.fetch_sub(all.size());
  return all;
}

}  // namespace vagus
