/// What the demonstration's first head asks of its second one.
#pragma once

#include <cstdint>

#include <vagus/vagus.hpp>

namespace sysmon {

// Times are nanoseconds. Those of the steady clock mean the same in all processes of one machine.

/// What one head has to say of its calls.
struct HeadFigures {
  std::int64_t process_id = -1;
  bool open = false;         ///< the link to the body
  std::uint64_t events = 0;  ///< heard from the body
  std::uint64_t calls = 0;   ///< made so far
  std::uint64_t calls_failed = 0;
  std::int64_t call_median = 0;
  std::int64_t call_p99 = 0;
};

/// What one head has seen of its body's death.
struct DeathSeen {
  std::uint32_t failed = 0;     ///< calls that ended with an error before their deadline
  std::uint32_t hung = 0;       ///< calls that ended by their deadline, or not at all
  std::uint32_t left_over = 0;  ///< descriptors, threads, shared memory and files that were not there before
  std::int64_t last_failure = 0;  ///< steady clock; 0 if none failed
  std::int64_t answered = 0;      ///< steady clock: the first call that was answered again
};

/// What one head has seen of its body being frozen.
struct FrostSeen {
  std::int64_t gave_up_after = 0;
  bool timed_out = false;  ///< and not ended in some other way
};

struct FloodSeen {
  std::uint64_t made = 0;
  std::uint64_t refused = 0;
};

class SecondHeadApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<HeadFigures()> figures{this, "figures", "What it has to say of its calls."};
  vagus::Event<void(HeadFigures figures)> changed{this, "changed", "Sent whenever they have changed."};

  vagus::Method<void(std::uint32_t calls)> prepare{this, "prepare", "Makes calls that will be pending.",
                                                   vagus::params("calls")};
  vagus::Method<DeathSeen()> death{this, "death",
                                   "Waits for their ends, and for an answer of the next body."};
  vagus::Method<FrostSeen(std::int64_t timeout)> frost{this, "frost", "Makes one call to a frozen body.",
                                                       vagus::params("timeout")};
  vagus::Method<std::int64_t()> answered{this, "answered", "When one more call was answered: steady clock."};
  vagus::Method<FloodSeen(std::int64_t duration)> flood{this, "flood", "Calls as fast as it can.",
                                                        vagus::params("duration")};
};

}  // namespace sysmon
