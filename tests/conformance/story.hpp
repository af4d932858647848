/// What was heard of the links, in order.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

#include <vagus/arbitration/api_arb.hpp>

#include "support/core/flag.hpp"

namespace vagus::testing {

/// To be declared before the arbitrator that it listens to.
class Story {
 public:
  void add(const LinkEvent& event) {
    std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  /// Waits until this state was told of so often.
  bool await(LinkState state, std::ptrdiff_t count = 1) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, generous, [&] {
      return std::count_if(events_.begin(), events_.end(),
                           [&](const LinkEvent& event) { return event.state == state; }) >= count;
    });
  }
  std::vector<LinkEvent> events() const {
    std::lock_guard lock(mutex_);
    return events_;
  }
  std::vector<LinkState> states() const {
    std::vector<LinkState> states;
    for (const LinkEvent& event : events()) states.push_back(event.state);
    return states;
  }
  /// The last one of this state; empty if there was none.
  LinkEvent last(LinkState state) const {
    const auto all = events();
    const auto found =
        std::find_if(all.rbegin(), all.rend(), [&](const LinkEvent& event) { return event.state == state; });
    return found == all.rend() ? LinkEvent{} : *found;
  }
  [[nodiscard]] Registration listen_to(ApiArb& arb) {
    return arb.on_state([this](const LinkEvent& event) { add(event); });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<LinkEvent> events_;
};

}  // namespace vagus::testing
