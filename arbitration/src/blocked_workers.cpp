#include "blocked_workers.hpp"

#include <algorithm>
#include <utility>

namespace vagus {

ChainTask::Answer ChainCallback::offer_to(Sleeper& sleeper, const detail::ContextScope*) {
  if (taken_.load(std::memory_order_relaxed)) return Answer::gone;  // a hint: run() asks again
  return sleeper.deliver([self = shared_from_this()] { self->run(); }) ? Answer::taken : Answer::refused;
}

void ChainCallback::run() {
  // Relaxed: the callback itself came to each of its holders by a lock.
  if (!taken_.exchange(true, std::memory_order_relaxed)) std::exchange(callback_, nullptr)();
}

bool BlockedWorkers::Blocked::matches(std::uint64_t asked) const noexcept {
  // What a call has led to comes after the call was sent, hence after its link was filed.
  if (asked == 0) return true;
  const std::uint64_t taken = call->link();  // another one if it was sent again
  return asked == link || asked == taken || taken == Transaction::several_links;
}

void BlockedWorkers::add(std::uint64_t chain, const Transaction& call, std::uint64_t link, Sleeper& sleeper) {
  MutexLock lock(mutex_);
  blocked_[chain].push_back({&call, link, &sleeper, detail::current_scope()});
}

void BlockedWorkers::remove(std::uint64_t chain, Sleeper& sleeper) {
  MutexLock lock(mutex_);
  const auto found = blocked_.find(chain);
  std::erase_if(found->second, [&](const Blocked& blocked) { return blocked.sleeper == &sleeper; });
  if (found->second.empty()) blocked_.erase(found);
}

void BlockedWorkers::hand_over(Tasks& offered, const Blocked& to, Tasks& done) {
  for (auto next = offered.begin(); next != offered.end();) {
    if (!to.matches(next->link) ||
        next->task->offer_to(*to.sleeper, to.stack) == ChainTask::Answer::refused) {
      ++next;
    } else {
      done.push_back(std::move(*next));
      next = offered.erase(next);
    }
  }
}

void BlockedWorkers::offer_again(std::uint64_t chain, Sleeper& sleeper) {
  Tasks done;
  MutexLock lock(mutex_);
  const auto offered = offered_.find(chain);
  const auto blocked = blocked_.find(chain);
  if (offered == offered_.end() || blocked == blocked_.end()) return;
  for (const Blocked& to : blocked->second) {
    if (to.sleeper == &sleeper) hand_over(offered->second, to, done);
  }
  if (offered->second.empty()) offered_.erase(offered);
}

void BlockedWorkers::offer_all_again() {
  Tasks done;
  MutexLock lock(mutex_);
  for (const auto& [chain, blocked] : blocked_) {
    const auto offered = offered_.find(chain);
    if (offered == offered_.end()) continue;
    for (auto to = blocked.rbegin(); to != blocked.rend(); ++to) hand_over(offered->second, *to, done);
    if (offered->second.empty()) offered_.erase(offered);
  }
}

bool BlockedWorkers::offer(std::uint64_t chain, std::uint64_t link, const std::shared_ptr<ChainTask>& task,
                           IfRefused if_refused) {
  Tasks done;
  MutexLock lock(mutex_);
  // Before it is offered: what then makes it possible to take it has it offered again.
  if (if_refused == IfRefused::keep && !task->keep_offered()) return false;
  const auto place = offered_.try_emplace(chain).first;
  Tasks& offered = place->second;
  offered.push_back({link, task});  // behind what has waited for longer
  if (const auto found = blocked_.find(chain); found != blocked_.end()) {
    for (auto to = found->second.rbegin(); to != found->second.rend(); ++to) hand_over(offered, *to, done);
  }
  const bool taken = offered.empty() || offered.back().task != task;
  if (!taken && if_refused == IfRefused::forget) {
    done.push_back(std::move(offered.back()));
    offered.pop_back();
  }
  if (offered.empty()) offered_.erase(place);
  return taken;
}

void BlockedWorkers::withdraw(std::uint64_t chain, const ChainTask& task) noexcept {
  std::shared_ptr<ChainTask> withdrawn;  // its destructor must not run under the lock
  MutexLock lock(mutex_);
  const auto found = offered_.find(chain);
  if (found == offered_.end()) return;
  Tasks& tasks = found->second;
  const auto place = std::find_if(tasks.begin(), tasks.end(),
                                  [&](const Offered& offered) { return offered.task.get() == &task; });
  if (place == tasks.end()) return;
  withdrawn = std::move(place->task);
  tasks.erase(place);
  if (tasks.empty()) offered_.erase(found);
}

}  // namespace vagus
