#include <sched.h>

#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "limits/futex.hpp"
#include "limits/limits.hpp"
#include "process/shared_memory.hpp"

namespace bench {

namespace {

constexpr std::size_t largest_payload = 1 << 20;
constexpr nanoseconds longest_look{30'000};

// A record and its sequence number in one cache line.
struct alignas(64) Slot {
  char record[56];
  std::atomic<std::uint64_t> sequence;
};

struct Ring {
  std::array<Slot, 256> slots;
  alignas(64) FutexWord parked;           // 1: the reader is about to sleep, or sleeps
  alignas(64) std::atomic<int> core{-1};  // on which the writer last ran
};

struct Shared {
  Ring there;
  Ring back;
  alignas(4096) std::array<std::array<char, largest_payload>, 2> blocks;
};

/// One side's end of a ring.
class RingEnd {
 public:
  RingEnd(Ring& ring, Waiting waiting) : ring_(ring), waiting_(waiting) {}

  void write(const char (&record)[56]) {
    Slot& slot = ring_.slots[next_ % ring_.slots.size()];
    std::memcpy(slot.record, record, sizeof record);
    if (waiting_ == Waiting::spin) {
      slot.sequence.store(++next_, std::memory_order_release);  // PAIR record
      return;
    }
    if (waiting_ == Waiting::adaptive) publish_core();
    slot.sequence.store(++next_, std::memory_order_seq_cst);  // PAIR record, and PAIR parked: before the look
    if (ring_.parked.load(std::memory_order_seq_cst) != 0) {
      ring_.parked.store(0, std::memory_order_relaxed);
      futex_wake_one(ring_.parked);
    }
  }

  void read(char (&record)[56]) {
    const Slot& slot = ring_.slots[next_ % ring_.slots.size()];
    const std::uint64_t expected = ++next_;
    const auto ready = [&] {
      return slot.sequence.load(std::memory_order_acquire) == expected;
    };  // PAIR record
    if (!ready()) wait(slot, expected, ready);
    std::memcpy(record, slot.record, sizeof record);
  }

 private:
  template <typename Ready>
  void wait(const Slot& slot, std::uint64_t expected, const Ready& ready) {
    if (waiting_ == Waiting::spin) {
      while (!ready()) pause_processor();
      return;
    }
    if (waiting_ == Waiting::adaptive && look(ready)) return;
    while (!ready()) {
      ring_.parked.store(1, std::memory_order_seq_cst);  // PAIR parked: before the second look
      if (slot.sequence.load(std::memory_order_seq_cst) == expected) break;
      futex_wait(ring_.parked, 1);
    }
    ring_.parked.store(0, std::memory_order_relaxed);
  }

  template <typename Ready>
  bool look(const Ready& ready) const {
    if (ring_.core.load(std::memory_order_relaxed) == ::sched_getcpu()) return false;
    Clock::time_point end{};
    for (unsigned looks = 1;; ++looks) {
      if (ready()) return true;
      pause_processor();
      if (looks % 32 != 0) continue;
      const auto now = Clock::now();
      if (looks == 32) end = now + longest_look;
      if (now >= end) return false;
    }
  }

  void publish_core() {
    const int here = ::sched_getcpu();
    if (ring_.core.load(std::memory_order_relaxed) != here) {
      ring_.core.store(here, std::memory_order_relaxed);  // a hint: nothing hangs on when it is seen
    }
  }

  Ring& ring_;
  const Waiting waiting_;
  std::uint64_t next_ = 0;
};

[[noreturn]] void echo(Shared& shared, const RingEcho& options) {
  RingEnd requests(shared.there, options.waiting);
  RingEnd replies(shared.back, options.waiting);
  std::vector<char> own(options.payload);
  char record[56];
  for (;;) {
    requests.read(record);
    if (options.copies == 4 && !own.empty()) {
      std::memcpy(own.data(), shared.blocks[0].data(), own.size());
      std::memcpy(shared.blocks[1].data(), own.data(), own.size());
    }
    replies.write(record);
  }
}

/// The calling side.
class Caller {
 public:
  Caller(std::shared_ptr<Shared> shared, const RingEcho& options)
      : shared_(std::move(shared)),
        requests_(shared_->there, options.waiting),
        replies_(shared_->back, options.waiting),
        sent_(options.payload, 'x'),
        received_(options.payload),
        reply_(shared_->blocks[options.copies == 4 ? 1 : 0]) {}

  void round_trip() {
    char record[56] = {'x'};
    if (!sent_.empty()) std::memcpy(shared_->blocks[0].data(), sent_.data(), sent_.size());
    requests_.write(record);
    replies_.read(record);
    if (!received_.empty()) std::memcpy(received_.data(), reply_.data(), received_.size());
  }

 private:
  const std::shared_ptr<Shared> shared_;
  RingEnd requests_;
  RingEnd replies_;
  const std::vector<char> sent_;
  std::vector<char> received_;
  const std::span<const char> reply_;
};

}  // namespace

const char* to_string(Waiting waiting) noexcept {
  switch (waiting) {
    case Waiting::spin:
      return "spin";
    case Waiting::adaptive:
      return "adaptive";
    case Waiting::block:
      return "block";
  }
  return "?";
}

Pair ring_echo(Pin pin, const RingEcho& options) {
  if (options.payload > largest_payload) throw std::logic_error("a larger payload than there is room for");
  const auto shared = make_shared_memory<Shared>();
  Pair pair;
  pair.pin = pin;
  pair.serve = [shared, options](Server& server) {
    std::construct_at(shared.get());  // it may have been used in another run
    server.ready();
    echo(*shared, options);
  };
  pair.caller = [shared, options] {
    const auto caller = std::make_shared<Caller>(shared, options);
    return at_pace(options.pace, [caller] { caller->round_trip(); });
  };
  return pair;
}

}  // namespace bench
