#include "ring/doorbell.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t records = 30'000;
#else
constexpr std::uint64_t records = 300'000;
#endif

/// An event loop that hears the bell at once, on the thread that rings: sooner than any other.
class ImmediateLoop final : public Lifeline {
 public:
  explicit ImmediateLoop(BellWaiter& waiter) : waiter_(waiter) {}
  void start(std::weak_ptr<LifelineObserver>) override {}
  void ring(Bell) noexcept override {
    if (waiter_.take_armed_for_records()) called = true;
  }
  void close() noexcept override {}

  std::atomic<bool> called{false};

 private:
  BellWaiter& waiter_;
};

/// A sender that publishes one record, looks at the ticket some time later, and goes on when it was read; and
/// a reader that arms the link when there is none. Publishing is a word here.
class Arming : public ::testing::Test {
 public:
  void send_all() {
    for (std::uint64_t record = 0; record < records && !lost; ++record) {
      while (read < record && !lost) std::this_thread::yield();
      headers[record % 2].store(1, std::memory_order_seq_cst);
      // The reader may have read the record, and show a new ticket, before the sender looks at it.
      for (std::uint64_t delay = record * 7 % 256; delay > 0; --delay) late.fetch_add(1);
      ringer.after_record();
    }
  }

  void read_all() {
    for (std::uint64_t record = 0; record < records && !lost;) {
      std::atomic<std::uint64_t>& next = headers[record % 2];
      if (next.load() != 0) {
        next = 0;
        read = ++record;
        continue;
      }
      loop.called = false;
      if (waiter.arm_for_records(next)) await_call(next);
    }
  }

  void await_call(const std::atomic<std::uint64_t>& next) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!loop.called && !lost) {
      std::this_thread::yield();
      lost = next.load() != 0 && std::chrono::steady_clock::now() > limit;
    }
  }

  Control senders;
  Control readers;
  BellWaiter waiter{readers, senders};
  ImmediateLoop loop{waiter};
  Ringer ringer{senders, readers, loop};
  std::array<std::atomic<std::uint64_t>, 2> headers{};  // the next record has its own, as in a ring
  std::atomic<std::uint64_t> read{0};
  std::atomic<std::uint64_t> late{0};
  std::atomic<bool> lost{false};
};

TEST_F(Arming, overhears_no_bell_that_rings_for_a_record_that_was_read_already) {
  std::thread sender([this] { send_all(); });
  read_all();
  sender.join();
  EXPECT_FALSE(lost) << "a record is there, the link is armed, and nobody was called";
}

/// A peer whose bell rings before each sleep, so that none begins, and brings nothing.
class RungInVain : public ::testing::Test {
 public:
  static constexpr int far_too_often = 1000;

  bool nothing_is_there(std::atomic<std::uint32_t>& bell) {
    bell.fetch_add(1);
    return ++looks >= far_too_often;
  }

  Control senders;
  Control readers;
  BellWaiter waiter{readers, senders};
  int looks = 0;
};

TEST_F(RungInVain, does_not_keep_who_waits_for_records_beyond_the_deadline) {
  const auto ready = [this] { return nothing_is_there(senders.record_bell); };
  waiter.sleep_for_records(ready, Deadline::after(std::chrono::seconds(-1)), true);
  EXPECT_LT(looks, far_too_often);
}

TEST_F(RungInVain, does_not_keep_who_waits_for_space_beyond_the_deadline) {
  const auto ready = [this] { return nothing_is_there(senders.space_bell); };
  waiter.sleep_for_space(ready, Deadline::after(std::chrono::seconds(-1)));
  EXPECT_LT(looks, far_too_often);
}

}  // namespace
}  // namespace vagus::transport::ring
