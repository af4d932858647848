// What the two ends of a link over datagrams make of those that come twice, late or not at all.

#include <chrono>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "datagram/frame.hpp"
#include "datagram/reception.hpp"
#include "datagram/repetition.hpp"

namespace vagus::transport::datagram {
namespace {

using namespace std::chrono_literals;

Bytes text(const std::string& letters) {
  Bytes bytes(letters.size());
  std::memcpy(bytes.data(), letters.data(), letters.size());
  return bytes;
}

/// What was delivered, one after the other.
std::string read(std::deque<Bytes>& ready) {
  std::string all;
  for (const Bytes& message : ready) {
    all.append(reinterpret_cast<const char*>(message.data()), message.size());
  }
  ready.clear();
  return all;
}

class DatagramReception : public ::testing::Test {
 protected:
  std::string message(std::uint32_t number, std::uint32_t reliable, const std::string& letters) {
    reception.take({FrameKind::message, 0, number, reliable}, text(letters), ready);
    return read(ready);
  }
  std::string reliable(std::uint32_t number, std::uint32_t own, const std::string& letters) {
    reception.take_reliable({FrameKind::reliable, 0, number, own}, text(letters), ready);
    return read(ready);
  }

  Losses losses;
  Reception reception{losses};
  std::deque<Bytes> ready;
};

TEST_F(DatagramReception, gives_what_comes_in_order_at_once) {
  EXPECT_EQ(message(1, 0, "a"), "a");
  EXPECT_EQ(message(2, 0, "b"), "b");
  EXPECT_EQ(reliable(2, 1, "c"), "c");
  EXPECT_EQ(message(3, 1, "d"), "d");
  EXPECT_EQ(losses.total(), 0u);
}

TEST_F(DatagramReception, drops_and_counts_what_comes_twice) {
  EXPECT_EQ(message(1, 0, "a"), "a");
  EXPECT_EQ(message(1, 0, "a"), "");
  EXPECT_EQ(reliable(1, 1, "b"), "b");
  EXPECT_EQ(reliable(1, 1, "b"), "");
  EXPECT_EQ(losses.repeated, 2u);
}

TEST_F(DatagramReception, drops_and_counts_what_was_overtaken) {
  EXPECT_EQ(message(2, 0, "b"), "b");
  EXPECT_EQ(message(1, 0, "a"), "");
  EXPECT_EQ(losses.overtaken, 1u);
  EXPECT_EQ(message(4, 0, "d"), "d") << "that the third is missing stops nobody";
}

TEST_F(DatagramReception, keeps_messages_until_the_reliable_ones_before_them_have_come) {
  EXPECT_EQ(message(1, 2, "c"), "");
  EXPECT_EQ(message(2, 2, "d"), "");
  EXPECT_EQ(reliable(0, 2, "b"), "");
  EXPECT_EQ(reliable(0, 1, "a"), "abcd");
  EXPECT_EQ(reception.reliable(), 2u);
}

TEST_F(DatagramReception, gives_no_message_after_a_reliable_one_that_was_sent_later) {
  EXPECT_EQ(reliable(1, 1, "b"), "b");
  EXPECT_EQ(message(1, 0, "a"), "");
  EXPECT_EQ(message(2, 1, "c"), "c");
}

TEST_F(DatagramReception, goes_on_when_the_numbers_have_gone_round) {
  Losses none;
  Reception old(none);
  std::deque<Bytes> given;
  for (const std::uint32_t number : {0x7fff'ffffu, 0xffff'fff0u, 0xffff'ffffu, 0u, 1u}) {
    old.take({FrameKind::message, 0, number, 0}, text("x"), given);
  }
  EXPECT_EQ(read(given), "xxxxx");
}

TEST_F(DatagramReception, keeps_a_bounded_number_of_messages) {
  for (std::uint32_t number = 1; number <= 2 * Reception::most_held; ++number) message(number, 1, "x");
  for (std::uint32_t own = 2; own <= 10 * Reception::window; ++own) reliable(0, own, "y");
  EXPECT_EQ(losses.overflowed, Reception::most_held + 9 * Reception::window);
  EXPECT_EQ(reliable(0, 1, "!").size(), 1 + Reception::window - 1 + Reception::most_held);
}

TEST_F(DatagramReception, keeps_a_bounded_number_of_bytes) {
  const std::string large(60'000, 'x');
  for (std::uint32_t number = 1; number <= 100; ++number) message(number, 1, large);
  EXPECT_LE(reliable(0, 1, "!").size(), Reception::most_held_bytes + 1);
  EXPECT_GT(losses.overflowed, 0u);
}

TEST(DatagramRepetition, sends_again_after_a_pause_that_grows_until_it_is_acknowledged) {
  Repetition repetition;
  TimePoint now{};
  int sent = 0;
  const Repetition::Send count = [&](const Bytes&) { ++sent; };
  EXPECT_EQ(repetition.due(), TimePoint::max());
  repetition.add(1, text("a"), now);
  Duration former{};
  for (int times = 1; times <= 4; ++times) {
    const Duration pause = repetition.due() - now;
    EXPECT_GT(pause, former);
    former = pause;
    now = repetition.due();
    repetition.repeat(now - 1ns, count);
    EXPECT_EQ(sent, times - 1);
    repetition.repeat(now, count);
    EXPECT_EQ(sent, times);
  }
  repetition.acknowledge(1, now, count);
  EXPECT_EQ(repetition.due(), TimePoint::max());
}

TEST(DatagramRepetition, sends_again_at_once_what_others_have_arrived_after) {
  Repetition repetition;
  std::vector<Bytes> sent;
  const Repetition::Send keep = [&](const Bytes& datagram) { sent.push_back(datagram); };
  for (std::uint32_t number = 1; number <= 5; ++number) {
    repetition.add(number, text(std::to_string(number)), {});
  }
  repetition.acknowledge(1, {}, keep);
  for (int same = 0; same < 3; ++same) repetition.acknowledge(1, {}, keep);
  EXPECT_EQ(sent, std::vector<Bytes>{text("2")});
}

TEST(DatagramRepetition, is_full_before_the_other_side_has_no_room) {
  Repetition repetition;
  std::uint32_t number = 0;
  while (!repetition.full()) repetition.add(++number, text("x"), {});
  EXPECT_LE(number, Reception::window);
  Repetition large;
  std::size_t bytes = 0;
  for (number = 0; !large.full(); bytes += 60'000) large.add(++number, Bytes(60'000), {});
  EXPECT_LE(bytes, Reception::most_held_bytes);
}

/// A sender and a receiver with a network between them that loses, doubles and reorders, and that no clock of
/// the machine has to do with.
class DatagramNetwork : public ::testing::TestWithParam<unsigned> {};

TEST_P(DatagramNetwork, that_loses_doubles_and_reorders_loses_no_reliable_message_and_doubles_none) {
  std::mt19937 random(GetParam());
  const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  struct Sent {
    Frame frame;
    Bytes message;
  };
  std::multimap<TimePoint, Sent> on_their_way;
  std::multimap<TimePoint, std::uint32_t> acknowledged;
  TimePoint now{};
  const auto way = [&] { return now + std::chrono::microseconds(100 + random() % 20'000); };
  std::map<std::uint32_t, Sent> reliable_ones;
  const auto transmit = [&](const Sent& sent) {
    if (!chance(20)) on_their_way.emplace(way(), sent);
    if (chance(10)) on_their_way.emplace(way(), sent);
  };

  Repetition repetition;
  const Repetition::Send again = [&](const Bytes& datagram) {
    std::uint32_t number = 0;
    std::memcpy(&number, datagram.data(), sizeof number);
    transmit(reliable_ones.at(number));
  };
  Losses losses;
  Reception reception(losses);
  std::deque<Bytes> ready;
  constexpr int total = 3'000;
  std::uint32_t number = 0;
  std::uint32_t reliable = 0;
  int sent = 0;
  while (sent < total || repetition.due() != TimePoint::max()) {
    now += 200us;
    ASSERT_LT(now.time_since_epoch(), 600s) << "it does not come to an end";
    const bool is_reliable = chance(30);
    if (sent < total && !(is_reliable && repetition.full())) {
      // Each message says what was sent before it, in its own words.
      Bytes message(2 * sizeof number);
      const std::uint32_t own = is_reliable ? ++reliable : reliable;
      if (!is_reliable) ++number;
      std::memcpy(message.data(), &own, sizeof own);
      std::memcpy(message.data() + sizeof own, &number, sizeof number);
      const Sent made{{is_reliable ? FrameKind::reliable : FrameKind::message, 0, number, own}, message};
      if (is_reliable) {
        reliable_ones.emplace(own, made);
        repetition.add(own, message, now);
      }
      transmit(made);
      ++sent;
    }
    while (!on_their_way.empty() && on_their_way.begin()->first <= now) {
      Sent arrived = std::move(on_their_way.begin()->second);
      on_their_way.erase(on_their_way.begin());
      if (arrived.frame.kind == FrameKind::message) {
        reception.take(arrived.frame, std::move(arrived.message), ready);
      } else {
        reception.take_reliable(arrived.frame, std::move(arrived.message), ready);
        if (!chance(20)) acknowledged.emplace(way(), reception.reliable());
      }
    }
    while (!acknowledged.empty() && acknowledged.begin()->first <= now) {
      repetition.acknowledge(acknowledged.begin()->second, now, again);
      acknowledged.erase(acknowledged.begin());
    }
    repetition.repeat(now, again);
  }
  std::uint32_t last_number = 0;
  std::uint32_t last_reliable = 0;
  for (const Bytes& message : ready) {
    std::uint32_t own = 0;
    std::uint32_t before = 0;
    std::memcpy(&own, message.data(), sizeof own);
    std::memcpy(&before, message.data() + sizeof own, sizeof before);
    if (own == last_reliable + 1) {
      ASSERT_GE(before, last_number) << "a message came that was sent after this reliable one";
      last_reliable = own;
    } else {
      ASSERT_EQ(own, last_reliable) << "a message came before a reliable one that was sent earlier, or twice";
      ASSERT_GT(before, last_number) << "a message came twice, or too late";
      last_number = before;
    }
  }
  EXPECT_EQ(last_reliable, reliable);
  EXPECT_GT(last_number, 0u);
}
INSTANTIATE_TEST_SUITE_P(Seed, DatagramNetwork, ::testing::Range(1u, 9u));

TEST(DatagramFrame, is_read_as_it_was_written_and_nothing_else_is) {
  std::array<std::byte, Frame::size> bytes{};
  write(bytes, {FrameKind::reliable, 0x0102'0304'0506'0708, 0x1112'1314, 0x2122'2324});
  const std::string hex("\xc1\x02\0\0\x01\x02\x03\x04\x05\x06\x07\x08\x11\x12\x13\x14\x21\x22\x23\x24", 20);
  EXPECT_EQ(std::memcmp(bytes.data(), hex.data(), hex.size()), 0);
  const auto frame = read_frame(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->kind, FrameKind::reliable);
  EXPECT_EQ(frame->link, 0x0102'0304'0506'0708u);
  EXPECT_EQ(frame->number, 0x1112'1314u);
  EXPECT_EQ(frame->reliable, 0x2122'2324u);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_frame(std::span(bytes).first(size))) << size;
  }
  for (const int kind : {0, 8, 255}) {
    bytes[1] = static_cast<std::byte>(kind);
    EXPECT_FALSE(read_frame(bytes)) << kind;
  }
}

}  // namespace
}  // namespace vagus::transport::datagram
