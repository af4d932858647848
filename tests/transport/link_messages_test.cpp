#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "transport/link_suite.hpp"

namespace vagus::testing {
namespace {

using LinkMessages = LinkTest;
VAGUS_INSTANTIATE_LINK_TESTS(LinkMessages, link_kinds);

using LinkParts = LinkTest;
VAGUS_INSTANTIATE_LINK_TESTS(LinkParts, kinds_that_send_parts);

TEST_P(LinkMessages, arrive_in_the_order_in_which_they_were_sent_both_ways) {
  connect();
  for (int i = 0; i < 20; ++i) {
    head.send("to the body " + std::to_string(i));
    body.send("to the head " + std::to_string(i));
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(body.receive(), "to the body " + std::to_string(i));
    EXPECT_EQ(head.receive(), "to the head " + std::to_string(i));
  }
  EXPECT_EQ(body.try_receive(), std::nullopt);
}

TEST_P(LinkMessages, arrive_whole_whatever_their_size) {
  constexpr std::size_t limit = 1 << 20;
  connect(limit + frame_size());
  std::set<std::size_t> sizes{0, 1, 7, 8, limit - 1, limit};
  for (std::size_t base = 64; base < limit; base *= 2) {
    for (const std::size_t around : {8u, 16u, 0u})
      sizes.insert({base - around - 1, base - around, base - around + 1});
  }
  std::thread sender([&] {
    for (const std::size_t size : sizes) head.send(pattern(size, static_cast<unsigned>(size)));
  });
  for (const std::size_t size : sizes) {
    const auto message = body.receive();
    EXPECT_TRUE(message == pattern(size, static_cast<unsigned>(size))) << "of " << size << " bytes";
    if (!message) break;
  }
  sender.join();
}

TEST_P(LinkMessages, survive_many_rounds_of_the_ring_in_any_mix_of_sizes) {
  connect();
  std::mt19937 random(1);
  std::vector<std::string> in_flight;
  std::size_t next = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::size_t size = random() % 8 == 0 ? random() % 1000 : random() % 100;
    std::string message = pattern(size, static_cast<unsigned>(round));
    if (random() % 3 != 0 && head.try_send(message)) in_flight.push_back(std::move(message));
    if (random() % 3 == 0 || next == in_flight.size()) continue;
    ASSERT_EQ(body.try_receive(), in_flight[next++]);
  }
  while (next < in_flight.size()) ASSERT_EQ(body.try_receive(), in_flight[next++]);
  EXPECT_EQ(body.try_receive(), std::nullopt);
}

TEST_P(LinkMessages, over_the_limit_are_refused_before_they_take_space) {
  connect(1'000);
  Slot slot;
  EXPECT_EQ(head.link->max_message_size(), 1'000u);
  EXPECT_EQ(head.link->try_claim(1'001, slot), ClaimStatus::too_large);
  head.send(pattern(1'000 - frame_size()));
  EXPECT_EQ(body.receive(), pattern(1'000 - frame_size()));
}

TEST_P(LinkMessages, are_limited_by_what_both_ends_allow) {
  connect(5'000, 70'000);
  EXPECT_EQ(head.link->max_message_size(), 5'000u);
  EXPECT_EQ(body.link->max_message_size(), 5'000u);
}

TEST_P(LinkMessages, find_the_link_full_when_nobody_reads_and_space_again_afterwards) {
  connect();
  const std::string message = pattern(200);
  int sent = 0;
  while (head.try_send(message)) ++sent;
  EXPECT_GT(sent, 10);
  Slot slot;
  EXPECT_EQ(head.link->try_claim(message.size() + frame_size(), slot), ClaimStatus::full);
  // What lies in the memory of this end comes by and by.
  for (int i = 0; i < sent; ++i) ASSERT_EQ(body.receive(), message);
  EXPECT_TRUE(head.try_send(message));
  EXPECT_EQ(body.receive(), message);
}

TEST_P(LinkMessages, are_bounded_also_when_they_are_large) {
  constexpr std::size_t size = 1 << 20;
  connect();
  int begun = 0;
  for (; begun < 1000; ++begun) {
    Slot slot;
    if (head.link->try_claim(size, slot) != ClaimStatus::claimed) break;
    if (!head.link->commit(slot, size)) {
      head.link->abandon(slot);
      break;
    }
  }
  EXPECT_LT(begun, 10);
}

TEST_P(LinkMessages, may_be_shorter_than_the_space_that_was_claimed) {
  connect();
  for (const std::size_t claimed : {100u, 3'000u, 500'000u}) {
    Slot slot;
    ASSERT_EQ(head.link->try_claim(claimed, slot), ClaimStatus::claimed);
    ASSERT_GE(slot.bytes.size(), claimed);
    const std::string message = head.to_message("x");
    std::memcpy(slot.bytes.data(), message.data(), message.size());
    ASSERT_TRUE(head.link->commit(slot, message.size()));
    EXPECT_EQ(body.receive(), "x");
  }
}

TEST_P(LinkMessages, are_never_seen_when_they_are_abandoned) {
  connect();
  for (const std::size_t claimed : {100u, 500'000u}) {
    Slot slot;
    ASSERT_EQ(head.link->try_claim(claimed, slot), ClaimStatus::claimed);
    std::fill(slot.bytes.begin(), slot.bytes.end(), std::byte{0xff});
    head.link->abandon(slot);
    head.send("next");
    EXPECT_EQ(body.receive(), "next");
  }
}

TEST_P(LinkParts, that_are_broken_off_halfway_leave_no_trace) {
  connect();
  for (int i = 0; i < 3; ++i) {
    Slot slot;
    ASSERT_EQ(head.link->try_claim(2 << 20, slot), ClaimStatus::claimed);
    ASSERT_FALSE(head.link->commit(slot, slot.bytes.size()));
    const bool space_for_the_notice = i == 1;
    if (space_for_the_notice) {
      EXPECT_EQ(body.try_receive(), std::nullopt);
    }
    head.link->abandon(slot);
    std::thread sender([&] {
      head.send("after it");
      head.send(pattern(1 << 20));
    });
    EXPECT_EQ(body.receive(), "after it");
    EXPECT_TRUE(body.receive() == pattern(1 << 20));
    sender.join();
  }
}

TEST_P(LinkMessages, stay_valid_until_they_are_released) {
  connect();
  head.send(pattern(1000));
  const auto message = body.link->try_receive();
  ASSERT_TRUE(message);
  while (head.try_send(pattern(500, 7))) {
  }
  EXPECT_EQ(body.to_text(*message), pattern(1000));
  body.link->release();
}

}  // namespace
}  // namespace vagus::testing
