// Pings and pongs of a link over a stream of bytes, and the end of one that is written to or read.

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "transport/stream_link_test.hpp"
#include "transport/turned_clock.hpp"

namespace vagus::testing {
namespace {

using namespace std::literals;

/// The answer to the ping of a head: to a request that nobody else makes.
constexpr std::string_view pong = "\x94\x01\x00\xc0\xc0"sv;

std::string text_of(std::span<const std::byte> message) {
  return {reinterpret_cast<const char*>(message.data()), message.size()};
}

class Pinging : public StreamLinkTest {
 protected:
  explicit Pinging(Duration keep_alive)
      : StreamLinkTest(transport::WaitPolicy::block, Duration::zero(), keep_alive) {}

  void expect_message(std::string_view expected) {
    link->wait_readable(Deadline::after(ample_time));
    const auto message = link->try_receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(text_of(*message), expected);
    link->release();
  }
};

class SeldomPinging : public Pinging {
 protected:
  SeldomPinging() : Pinging(1h) {}
};

class OftenPinging : public Pinging {
 protected:
  OftenPinging() : Pinging(20ms) {}
};

TEST_F(SeldomPinging, takes_no_pong_for_which_there_was_no_ping) {
  constexpr int many = 1000;
  std::string all;
  for (int number = 0; number < many; ++number) all += pong;
  write(all);
  for (int number = 0; number < many; ++number) expect_message(pong);
  EXPECT_FALSE(link->try_receive());
}

TEST_F(OftenPinging, takes_the_pong_for_itself) {
  EXPECT_GE(come(1), 1U);  // the ping
  write(std::string(pong) + std::string(one_message));
  expect_message(one_message);
}

class PingingByTurnedClock : public WithTurnedClock, public Pinging {
 protected:
  PingingByTurnedClock() : Pinging(keep_alive) {}

  /// Until it takes no more.
  void send_what_fits() {
    constexpr std::size_t size = 64 * 1024;
    Slot slot;
    ClaimStatus status = ClaimStatus::claimed;
    while ((status = link->try_claim(size, slot)) == ClaimStatus::claimed) link->commit(slot, size);
    ASSERT_EQ(status, ClaimStatus::full);
  }
  /// The link looks for how long nothing was heard.
  void await_look() {
    const int enough = counts.descriptors + 2;  // one may be under way
    const auto give_up = Clock::steady().now() + ample_time;
    while (counts.descriptors < enough) {
      ASSERT_LT(Clock::steady().now(), give_up);
      std::this_thread::yield();
    }
  }

  static constexpr Duration keep_alive = 4ms;
};

TEST_F(PingingByTurnedClock, takes_a_peer_for_alive_that_says_nothing_and_takes_what_is_sent) {
  for (int times = 0; times < 12; ++times) {
    ASSERT_NO_FATAL_FAILURE(send_what_fits());
    EXPECT_GE(come(1), 1U);
    clock.turn(keep_alive / 2);
    ASSERT_NO_FATAL_FAILURE(await_look());
  }
  EXPECT_EQ(observer.closed(), 0);
}

class Writing : public StreamLinkTest {
 protected:
  Writing() : StreamLinkTest(transport::WaitPolicy::block, Duration::zero()) {}
};

TEST_F(Writing, to_a_peer_that_has_left_ends_the_link_however_often_it_is_done) {
  hang_up();
  const auto bytes = std::as_bytes(std::span(one_message));
  const Deadline deadline = Deadline::after(ample_time);
  Slot slot;
  ClaimStatus status = ClaimStatus::claimed;
  while (!deadline.passed()) {
    status = link->try_claim(bytes.size(), slot);
    if (status != ClaimStatus::claimed) break;
    std::copy(bytes.begin(), bytes.end(), slot.bytes.begin());
    ASSERT_TRUE(link->commit(slot, bytes.size()));
  }
  EXPECT_EQ(status, ClaimStatus::closed);
  EXPECT_STREQ(observer.await_closed()->what(), "the peer, the test, closed the connection, or died");
}

class ReadingLittle : public StreamLinkTest {
 protected:
  ReadingLittle() : StreamLinkTest(transport::WaitPolicy::block, Duration::zero(), no_timeout, 4096) {}
};

TEST_F(ReadingLittle, gives_all_that_had_come_when_the_link_ended_however_much_more_than_a_message_that_is) {
  constexpr int many = 30'000;  // as much as a socket holds
  std::string all;
  for (int number = 0; number < many; ++number) all += one_message;
  write(all);
  hang_up();
  observer.await_closed();
  for (int number = 0; number < many; ++number) {
    ASSERT_TRUE(link->try_receive()) << number;
    link->release();
  }
  EXPECT_FALSE(link->try_receive());
}

}  // namespace
}  // namespace vagus::testing
