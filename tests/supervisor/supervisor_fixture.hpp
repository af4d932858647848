/// What the tests of this folder have in common: a body in another process, and a head that keeps it running.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "conformance/story.hpp"
#include "supervisor/crew_api.hpp"
#include "support/core/flag.hpp"
#include "support/core/notes.hpp"

namespace vagus::testing {

using namespace std::chrono_literals;

/// What was heard of a Supervisor, in order. To be declared before it.
class Diary {
 public:
  void add(const SupervisorEvent& event) {
    std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  /// Waits until this state was told of so often.
  bool await(SupervisorState state, std::ptrdiff_t count = 1) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, generous, [&] {
      return std::count_if(events_.begin(), events_.end(),
                           [&](const SupervisorEvent& event) { return event.state == state; }) >= count;
    });
  }
  std::vector<SupervisorEvent> events() const {
    std::lock_guard lock(mutex_);
    return events_;
  }
  std::vector<SupervisorState> states() const {
    std::vector<SupervisorState> states;
    for (const SupervisorEvent& event : events()) states.push_back(event.state);
    return states;
  }
  /// The first one that tells of an end.
  SupervisorEvent first_end() const {
    for (const SupervisorEvent& event : events()) {
      if (event.exit) return event;
    }
    return {};
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<SupervisorEvent> events_;
};

class SupervisorTest : public ::testing::Test {
 protected:
  static constexpr const char* program = VAGUS_SUPERVISED_BODY;

  SupervisorOptions options(Restart restart = Restart::on_failure) {
    SupervisorOptions chosen;
    chosen.name = "crew";
    chosen.restart = restart;
    chosen.grace = generous;
    chosen.log = log.log();
    return chosen;
  }
  Registration listen_to(Supervisor& supervisor) {
    return supervisor.on_state([this](const SupervisorEvent& event) { diary.add(event); });
  }

  RecordedLog log;
  RecordedLog head_log;
  Diary diary;
  Story story;
};

/// A head of one body.
struct Head {
  Head(const Supervisor& supervisor, RecordedLog& log, Story& story)
      : arb(connect(supervisor), {.log = log.log()}), listening(story.listen_to(arb)) {
    arb.attach(crew);
  }

  CrewApi crew{"crew"};
  ApiArb arb;
  const Registration listening;
};

}  // namespace vagus::testing
