#include "ring/receiver.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "posix/memory_mapping.hpp"
#include "ring/doorbell.hpp"
#include "ring/ring_writer.hpp"

namespace vagus::transport::ring {
namespace {

class NoLifeline final : public Lifeline {
 public:
  void start(std::weak_ptr<LifelineObserver>) override {}
  void ring(Bell bell) noexcept override { (bell == Bell::records ? records : space)++; }
  void close() noexcept override {}

  int records = 0;
  int space = 0;
};

/// A receiver, and a ring for it that the test writes like a peer without manners.
class Receiving : public ::testing::Test {
 public:
  static constexpr std::size_t ring_bytes = 65536;
  static constexpr std::size_t limit = 10'000;

  Receiving() {
    ::new (peer_memory.data()) Control;
    ::new (own_memory.data()) Control;
  }
  Control& control(const posix::MemoryMapping& memory) { return *reinterpret_cast<Control*>(memory.data()); }

  void write(RecordKind kind, const std::string& bytes) {
    std::span<std::byte> space;
    ASSERT_EQ(writer.reserve(bytes.size(), space), RingWriter::Outcome::granted);
    if (!bytes.empty()) std::memcpy(space.data(), bytes.data(), bytes.size());
    writer.publish(kind, bytes.size());
  }
  static std::string first_part(std::uint64_t size, const std::string& bytes) {
    std::string part(8, '\0');
    std::memcpy(part.data(), &size, 8);
    return part + bytes;
  }
  std::string receive() {
    const auto message = receiver.try_receive();
    if (!message) return "nothing";
    std::string text(reinterpret_cast<const char*>(message->data()), message->size());
    receiver.release();
    return text;
  }
  void expect_violation(const std::string& text) {
    EXPECT_EQ(receive(), "nothing");
    ASSERT_NE(receiver.violation(), nullptr);
    EXPECT_NE(std::string(receiver.violation()).find(text), std::string::npos) << receiver.violation();
  }

  posix::MemoryMapping peer_memory = posix::MemoryMapping::anonymous(memory_size(ring_bytes));
  posix::MemoryMapping own_memory = posix::MemoryMapping::anonymous(memory_size(ring_bytes));
  NoLifeline lifeline;
  RingWriter writer{{&control(peer_memory), peer_memory.data() + ring_offset, ring_bytes},
                    control(own_memory)};
  Ringer ringer{control(own_memory), control(peer_memory), lifeline};
  Receiver make_receiver(Decoding decoding) {
    return {{&control(peer_memory), peer_memory.data() + ring_offset, ring_bytes},
            control(own_memory),
            nullptr,
            ringer,
            nullptr,
            limit,
            decoding};
  }
  Receiver receiver = make_receiver(Decoding::copied);
};

TEST_F(Receiving, puts_the_parts_of_a_large_message_together) {
  write(RecordKind::first_part, first_part(9, "abc"));
  EXPECT_EQ(receive(), "nothing");
  write(RecordKind::next_part, "def");
  write(RecordKind::next_part, "ghi");
  write(RecordKind::message, "next");
  EXPECT_EQ(receive(), "abcdefghi");
  EXPECT_EQ(receive(), "next");
}

TEST_F(Receiving, forgets_a_large_message_that_is_broken_off) {
  write(RecordKind::first_part, first_part(9, "abc"));
  write(RecordKind::broken_off, "");
  write(RecordKind::message, "next");
  EXPECT_EQ(receive(), "next");
  write(RecordKind::next_part, "def");
  expect_violation("has not begun");
}

TEST_F(Receiving, forgets_a_large_message_when_another_begins) {
  write(RecordKind::first_part, first_part(9, "abc"));
  write(RecordKind::first_part, first_part(4, "ab"));
  write(RecordKind::next_part, "cd");
  EXPECT_EQ(receive(), "abcd");
}

TEST_F(Receiving, refuses_a_message_over_its_limit) {
  write(RecordKind::message, std::string(limit + 1, 'x'));
  expect_violation("over the limit");
}

TEST_F(Receiving, refuses_a_large_message_over_its_limit_before_it_takes_memory_for_it) {
  write(RecordKind::first_part, first_part(1ull << 60, "abc"));
  expect_violation("over the limit");
}

TEST_F(Receiving, refuses_a_large_message_of_no_size) {
  write(RecordKind::first_part, first_part(0, ""));
  expect_violation("of no bytes");
}

TEST_F(Receiving, refuses_a_first_part_without_the_size_of_the_message) {
  write(RecordKind::first_part, "abc");
  expect_violation("without its size");
}

TEST_F(Receiving, refuses_empty_parts) {
  write(RecordKind::first_part, first_part(9, ""));
  expect_violation("empty part");
}

TEST_F(Receiving, refuses_more_parts_than_the_message_has_bytes) {
  write(RecordKind::first_part, first_part(4, "abc"));
  write(RecordKind::next_part, "de");
  expect_violation("more parts");
}

TEST_F(Receiving, refuses_a_message_that_is_said_to_lie_in_its_own_process) {
  write(RecordKind::handed_over, "");
  expect_violation("not shared");
}

/// What a receiver has of a message whose peer writes `later` in its place afterwards.
std::string after_the_peer_has_written(Receiving& test, Receiver& receiver, const std::string& message,
                                       const std::string& later, RecordKind kind = RecordKind::message) {
  test.write(kind, message);
  const auto received = receiver.try_receive();
  if (!received) return "nothing";
  std::byte* const ring = test.peer_memory.data() + ring_offset;
  const auto ring_of_bytes = std::span(ring, Receiving::ring_bytes);
  const auto sent = std::as_bytes(std::span(message));
  const auto place = std::search(ring_of_bytes.begin(), ring_of_bytes.end(), sent.begin(), sent.end());
  if (place == ring_of_bytes.end()) return "not in the ring";
  std::memcpy(&*place, later.data(), later.size());
  return {reinterpret_cast<const char*>(received->data()), received->size()};
}

TEST_F(Receiving, settles_what_a_small_message_says) {
  EXPECT_EQ(after_the_peer_has_written(*this, receiver, "transfer 100", "transfer 999"), "transfer 100");
}

TEST_F(Receiving, settles_what_a_small_message_says_that_might_come_with_blocks) {
  const std::string no_blocks(sizeof(BlockList), '\0');
  EXPECT_EQ(after_the_peer_has_written(*this, receiver, no_blocks + "transfer 100",
                                       no_blocks + "transfer 999", RecordKind::with_blocks),
            "transfer 100");
  EXPECT_EQ(receiver.keep(), nullptr);
}

TEST_F(Receiving, leaves_a_small_message_where_it_is_for_a_peer_that_is_trusted) {
  Receiver trusting = make_receiver(Decoding::in_place);
  EXPECT_EQ(after_the_peer_has_written(*this, trusting, "transfer 100", "transfer 999"), "transfer 999");
}

TEST_F(Receiving, comes_back_after_some_records_that_make_no_message) {
  for (int i = 0; i < 100; ++i) write(RecordKind::broken_off, "");
  write(RecordKind::message, "at last");
  EXPECT_EQ(receive(), "nothing");
  EXPECT_TRUE(receiver.has_record());
  EXPECT_EQ(receive(), "at last");
}

TEST_F(Receiving, rings_once_for_each_ticket_of_a_writer_that_waits_for_space) {
  const auto read_some = [&] {
    for (int i = 0; i < 200; ++i) {
      write(RecordKind::message, "x");
      EXPECT_EQ(receive(), "x");
    }
  };
  read_some();
  EXPECT_EQ(lifeline.space, 0);
  constexpr auto event_loop = static_cast<std::uint64_t>(Wish::event_loop);
  control(peer_memory).space_ticket = 1 << wish_bits | event_loop;
  read_some();
  EXPECT_EQ(lifeline.space, 1);
  control(peer_memory).space_ticket = 2 << wish_bits | event_loop;
  read_some();
  EXPECT_EQ(lifeline.space, 2);
  EXPECT_EQ(control(own_memory).space_bell, 0u);
  control(peer_memory).space_ticket = 3 << wish_bits | static_cast<std::uint64_t>(Wish::space_bell);
  read_some();
  EXPECT_EQ(control(own_memory).space_bell, 1u);
  EXPECT_EQ(lifeline.records, 0);
}

}  // namespace
}  // namespace vagus::transport::ring
