// What a thread does that waits for a message over a stream of bytes, before it sleeps.

#include <chrono>

#include "transport/stream_link_test.hpp"

namespace vagus::testing {
namespace {

using namespace std::literals;
using transport::WaitPolicy;

class StreamWaiting : public StreamLinkTest {
 protected:
  explicit StreamWaiting(WaitPolicy policy) : StreamLinkTest(policy, Duration::zero()) {}

  /// How often the link looks for a message while it waits for one that does not come.
  int looks_in_vain() {
    EXPECT_FALSE(link->try_receive());
    const int before = counts.reads;
    const auto deadline = Deadline::after(2ms);
    link->wait_readable(deadline);
    EXPECT_TRUE(deadline.passed());
    return counts.reads - before;
  }
};

class BlockingWaits : public StreamWaiting {
 protected:
  BlockingWaits() : StreamWaiting(WaitPolicy::block) {}
};

class AdaptiveWaits : public StreamWaiting {
 protected:
  AdaptiveWaits() : StreamWaiting(WaitPolicy::adaptive) {}
};

class SpinningWaits : public StreamWaiting {
 protected:
  SpinningWaits() : StreamWaiting(WaitPolicy::spin) {}
};

TEST_F(BlockingWaits, sleep_at_once) { EXPECT_EQ(looks_in_vain(), 0); }

TEST_F(AdaptiveWaits, look_on_until_that_has_been_in_vain_too_often) {
  EXPECT_GT(looks_in_vain(), 0);
  int waits = 1;
  while (looks_in_vain() != 0) ASSERT_LT(++waits, 100);
  EXPECT_EQ(looks_in_vain(), 0);
}

TEST_F(AdaptiveWaits, end_by_a_message) {
  EXPECT_FALSE(link->try_receive());
  write(one_message);
  link->wait_readable(Deadline::never());
  EXPECT_TRUE(link->try_receive());
  link->release();
}

TEST_F(SpinningWaits, look_on_however_often_that_is_in_vain) {
  for (int waits = 0; waits < 100; ++waits) EXPECT_GT(looks_in_vain(), 0);
}

TEST_F(SpinningWaits, end_when_the_link_does) {
  link->close(make_error<TransportFinishedError>("enough"));
  link->wait_readable(Deadline::never());
  link->wait_readable(Deadline::never());
}

TEST_F(SpinningWaits, end_by_a_message_while_the_peer_does_not_take_what_it_is_sent) {
  transport::Slot slot;
  constexpr std::size_t size = 1 << 16;
  while (link->try_claim(size, slot) == transport::ClaimStatus::claimed)
    ASSERT_TRUE(link->commit(slot, size));
  EXPECT_FALSE(link->try_receive());
  write(one_message);
  link->wait_readable(Deadline::never());
  EXPECT_TRUE(link->try_receive());
  link->release();
}

}  // namespace
}  // namespace vagus::testing
