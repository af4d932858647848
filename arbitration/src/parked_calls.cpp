#include "parked_calls.hpp"

#include <utility>

namespace vagus {

ParkedCall::ParkedCall(const detail::Outgoing& call, std::shared_ptr<Transaction> transaction)
    : transaction_(std::move(transaction)),
      keep_root_(call.root != nullptr ? call.root->shared_from_this() : nullptr),
      keyword_(call.keyword.begin(), call.keyword.end()) {
  name_space = call.name_space;
  root = call.root;
  target = call.target;
  deadline = call.deadline;
  priority = call.priority;
  when_full = call.when_full;
  event = call.event;
  keyword = keyword_;
  auto counter = wire::Writer::counting();
  call.pack(counter);
  params_.resize(counter.size());
  wire::Writer writer{params_};
  call.pack(writer);
}

bool ParkedCalls::add(std::unique_ptr<ParkedCall> call) {
  std::deque<std::unique_ptr<ParkedCall>> ended;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  if (calls_.size() >= limit_) {
    for (auto& parked : calls_) {
      if (parked->transaction()->done()) ended.push_back(std::move(parked));
    }
    std::erase(calls_, nullptr);
    unsent_.fetch_sub(ended.size());
    if (calls_.size() >= limit_) return false;
  }
  unsent_.fetch_add(1);
  calls_.push_back(std::move(call));
  return true;
}

bool ParkedCalls::begin_sending() {
  MutexLock lock(mutex_);
  return !std::exchange(sending_, true);
}

std::unique_ptr<ParkedCall> ParkedCalls::take() {
  MutexLock lock(mutex_);
  if (calls_.empty()) {
    sending_ = false;
    return nullptr;
  }
  auto next = std::move(calls_.front());
  calls_.pop_front();
  return next;
}

void ParkedCalls::put_back(std::deque<std::unique_ptr<ParkedCall>> calls) {
  MutexLock lock(mutex_);
  while (!calls.empty()) {
    calls_.push_front(std::move(calls.back()));
    calls.pop_back();
  }
}

std::deque<std::unique_ptr<ParkedCall>> ParkedCalls::take_all() {
  MutexLock lock(mutex_);
  unsent_.fetch_sub(calls_.size());
  return std::exchange(calls_, {});
}

}  // namespace vagus
