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
  const Blocked& added = found.blocked.emplace_back(Blocked{&call, link, &sleeper});
  std::erase_if(found.offered, [&](const Offered& offered) {
    return added.matches(offered.link) && deliver(sleeper, offered.task);
  });
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
  for (auto blocked = found.blocked.rbegin(); blocked != found.blocked.rend(); ++blocked) {
    // Under the lock: remove() keeps the sleeper from going away meanwhile.
    if (blocked->matches(link) && deliver(*blocked->sleeper, task)) return true;
  }
  found.offered.push_back({link, task});
  return false;
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
