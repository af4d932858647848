#include "blocked_workers.hpp"

#include <algorithm>

namespace vagus {

namespace {

bool deliver(Sleeper& sleeper, const std::shared_ptr<ChainTask>& task) {
  return sleeper.deliver([task] {
    if (task->claim()) task->run();
  });
}

}  // namespace

bool BlockedWorkers::Blocked::matches(std::uint64_t asked) const noexcept {
  // What a call has led to comes after the call was sent, hence after its link was filed.
  if (asked == 0) return true;
  const std::uint64_t taken = link != 0 ? link : call->link();
  return asked == taken || taken == Transaction::several_links;
}

void BlockedWorkers::add(std::uint64_t chain, const Transaction& call, std::uint64_t link, Sleeper& sleeper) {
  MutexLock lock(mutex_);
  Chain& found = chains_[chain];
  hand_over(found, found.blocked.emplace_back(Blocked{&call, link, &sleeper}));
}

void BlockedWorkers::hand_over(Chain& chain, const Blocked& to) {
  std::erase_if(chain.offered, [&](const Offered& offered) {
    return to.matches(offered.link) && deliver(*to.sleeper, offered.task);
  });
}

void BlockedWorkers::offer_again(std::uint64_t chain, Sleeper& sleeper) {
  MutexLock lock(mutex_);
  const auto found = chains_.find(chain);
  if (found == chains_.end()) return;
  for (const Blocked& blocked : found->second.blocked) {
    if (blocked.sleeper == &sleeper) return hand_over(found->second, blocked);
  }
}

void BlockedWorkers::remove(std::uint64_t chain, Sleeper& sleeper) {
  MutexLock lock(mutex_);
  const auto found = chains_.find(chain);
  if (found == chains_.end()) return;
  std::erase_if(found->second.blocked, [&](const Blocked& blocked) { return blocked.sleeper == &sleeper; });
  forget_if_empty(chain);
}

bool BlockedWorkers::offer(std::uint64_t chain, std::uint64_t link, const std::shared_ptr<ChainTask>& task) {
  MutexLock lock(mutex_);
  Chain& found = chains_[chain];
  found.offered.push_back({link, task});  // behind what has waited for longer
  for (auto blocked = found.blocked.rbegin(); blocked != found.blocked.rend(); ++blocked) {
    // Under the lock: remove() keeps the sleeper from going away meanwhile.
    hand_over(found, *blocked);
  }
  return found.offered.empty() || found.offered.back().task != task;
}

void BlockedWorkers::withdraw(std::uint64_t chain, const ChainTask& task) noexcept {
  MutexLock lock(mutex_);
  const auto found = chains_.find(chain);
  if (found == chains_.end()) return;
  // Not the last to hold it: its destructor must not run under the lock.
  std::erase_if(found->second.offered, [&](const Offered& offered) { return offered.task.get() == &task; });
  forget_if_empty(chain);
}

void BlockedWorkers::forget_if_empty(std::uint64_t chain) {
  const auto found = chains_.find(chain);
  if (found->second.blocked.empty() && found->second.offered.empty()) chains_.erase(found);
}

}  // namespace vagus
