#include <algorithm>
#include <cstring>
#include <deque>
#include <new>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "posix/memory_mapping.hpp"
#include "ring/ring_reader.hpp"
#include "ring/ring_writer.hpp"
#include "transport/link_ends.hpp"

namespace vagus::transport::ring {
namespace {

using vagus::testing::pattern;

/// The memory of one side, to be written by one end and looked at by the other, and by the test.
class Memory {
 public:
  explicit Memory(std::size_t ring_bytes)
      : ring_bytes_(ring_bytes), mapping_(posix::MemoryMapping::anonymous(memory_size(ring_bytes))) {
    ::new (mapping_.data()) Control;
  }
  Control& control() { return *reinterpret_cast<Control*>(mapping_.data()); }
  std::byte* ring() { return mapping_.data() + ring_offset; }
  OwnMemory own() { return {&control(), ring(), ring_bytes_}; }
  PeerMemory as_peer() { return {&control(), ring(), ring_bytes_}; }

  /// Writes a header where a record may begin.
  void plant(std::size_t offset, std::uint64_t word) {
    own().header_at(offset).store(word, std::memory_order_seq_cst);
  }
  void plant(std::size_t offset, RecordKind kind, std::uint32_t length) {
    plant(offset, RecordHeader{kind, length}.word());
  }

 private:
  std::size_t ring_bytes_;
  posix::MemoryMapping mapping_;
};

class Ring : public ::testing::Test {
 public:
  static constexpr std::size_t ring_bytes = 4096;

  bool write(const std::string& text) {
    std::span<std::byte> bytes;
    if (writer.reserve(text.size(), bytes) != RingWriter::Outcome::granted) return false;
    std::memcpy(bytes.data(), text.data(), text.size());
    writer.publish(RecordKind::message, text.size());
    return true;
  }
  std::string read() {
    const RingReader::Record record = reader.peek();
    if (record.kind == RecordKind::none) return "nothing";
    std::string text(reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size());
    reader.release();
    return text;
  }
  /// Moves both ends to this offset.
  void advance_to(std::size_t offset) {
    for (std::size_t at = 0; at < offset; at += 64) {
      ASSERT_TRUE(write("x"));
      ASSERT_EQ(read(), "x");
    }
  }
  void expect_violation(const std::string& text) {
    EXPECT_EQ(reader.peek().kind, RecordKind::none);
    ASSERT_NE(reader.violation(), nullptr);
    EXPECT_NE(std::string(reader.violation()).find(text), std::string::npos) << reader.violation();
    EXPECT_FALSE(reader.has_record());
    EXPECT_EQ(reader.peek().kind, RecordKind::none);
  }

  Memory writers{ring_bytes};
  Memory readers{ring_bytes};
  RingWriter writer{writers.own(), readers.control()};
  RingReader reader{writers.as_peer(), readers.control()};
};

TEST_F(Ring, shows_a_record_only_when_it_is_published) {
  std::span<std::byte> bytes;
  ASSERT_EQ(writer.reserve(5, bytes), RingWriter::Outcome::granted);
  std::memcpy(bytes.data(), "hello", 5);
  EXPECT_FALSE(reader.has_record());
  EXPECT_EQ(read(), "nothing");
  writer.publish(RecordKind::message, 5);
  EXPECT_TRUE(reader.has_record());
  EXPECT_EQ(read(), "hello");
  EXPECT_FALSE(reader.has_record());
}

TEST_F(Ring, puts_a_small_record_into_one_cache_line) {
  std::span<std::byte> bytes;
  ASSERT_EQ(writer.reserve(56, bytes), RingWriter::Outcome::granted);
  EXPECT_EQ(bytes.data(), writers.ring() + 8);
  writer.publish(RecordKind::message, 56);
  ASSERT_EQ(writer.reserve(1, bytes), RingWriter::Outcome::granted);
  EXPECT_EQ(bytes.data(), writers.ring() + 64 + 8);
}

TEST_F(Ring, never_takes_old_bytes_for_a_header) {
  // Every eighth byte of what is sent looks like the header of a record, wherever it comes to lie.
  const std::uint64_t looks_like_a_header = RecordHeader{RecordKind::message, 8}.word();
  std::string message(600, '\0');
  for (std::size_t at = 0; at < message.size(); at += 8) std::memcpy(&message[at], &looks_like_a_header, 8);
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    const std::string sent = message.substr(0, random() % 600);
    ASSERT_TRUE(write(sent));
    ASSERT_EQ(read(), sent);
    ASSERT_EQ(read(), "nothing");
  }
}

TEST_F(Ring, holds_records_of_every_size_at_every_offset) {
  for (std::size_t length = 0; length <= max_record_length(ring_bytes); length += 29) {
    for (int i = 0; i < 70; ++i) {
      ASSERT_TRUE(write("x"));
      ASSERT_TRUE(write(pattern(length)));
      ASSERT_EQ(read(), "x");
      ASSERT_EQ(read(), pattern(length));
    }
  }
}

TEST_F(Ring, gives_a_writer_that_was_refused_space_before_the_reader_has_read_all) {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    int written = 0;
    while (write(pattern(random() % max_record_length(ring_bytes)))) ++written;
    EXPECT_FALSE(writer.has_room());
    ASSERT_GE(written, 1);
    for (int i = 0; i < written; ++i) ASSERT_NE(read(), "nothing");
    ASSERT_TRUE(writer.has_room()) << "the reader has read all, and gives nothing back";
  }
}

TEST_F(Ring, tells_the_writer_seldom_how_far_it_has_read) {
  int given_back = 0;
  for (int i = 0; i < 80; ++i) {
    ASSERT_TRUE(write("x"));
    reader.peek();
    if (reader.release()) ++given_back;
  }
  EXPECT_EQ(given_back, 80 * 64 / (4096 / 8));
}

TEST(LargeRing, goes_round_in_its_first_part_while_messages_are_small) {
  constexpr std::size_t ring_bytes = 256 * 1024;
  Memory writers(ring_bytes);
  Memory readers(ring_bytes);
  RingWriter writer(writers.own(), readers.control());
  RingReader reader(writers.as_peer(), readers.control());
  for (int i = 0; i < 20'000; ++i) {
    std::span<std::byte> bytes;
    ASSERT_EQ(writer.reserve(100, bytes), RingWriter::Outcome::granted);
    std::fill(bytes.begin(), bytes.end(), std::byte{0xee});
    writer.publish(RecordKind::message, bytes.size());
    ASSERT_EQ(reader.peek().bytes.size(), 100u);
    reader.release();
  }
  const std::byte* untouched = writers.ring() + 32 * 1024;
  const std::byte* end = writers.ring() + ring_bytes;
  EXPECT_TRUE(std::all_of(untouched, end, [](std::byte b) { return b == std::byte{0}; }));
}

// What a writer leaves that dies in the midst of a record -----------------------------------------

TEST_F(Ring, shows_nothing_of_a_record_whose_writer_died_before_it_wrote_the_header) {
  ASSERT_TRUE(write("x"));
  std::span<std::byte> bytes;
  ASSERT_EQ(writer.reserve(200, bytes), RingWriter::Outcome::granted);
  std::fill(bytes.begin(), bytes.end(), std::byte{0xff});
  writers.plant(64 + record_size(200), 0);  // it had cleared the header after that
  EXPECT_EQ(read(), "x");
  EXPECT_FALSE(reader.has_record());
  EXPECT_EQ(read(), "nothing");
  EXPECT_EQ(reader.violation(), nullptr);
}

TEST_F(Ring, shows_nothing_of_a_record_whose_writer_died_before_it_wrote_the_padding) {
  advance_to(4096 - 128);
  writers.plant(0, RecordKind::message, 200);
  EXPECT_FALSE(reader.has_record());
  EXPECT_EQ(read(), "nothing");
  EXPECT_EQ(reader.violation(), nullptr);
}

// What a hostile writer may plant -----------------------------------------------------------------

TEST_F(Ring, waits_behind_padding_for_a_record_that_does_not_come) {
  advance_to(1024);
  writers.plant(0, 0);
  writers.plant(1024, RecordKind::padding, 0);
  EXPECT_EQ(read(), "nothing");
  EXPECT_FALSE(reader.has_record());
  EXPECT_EQ(reader.violation(), nullptr);
  writers.plant(0, RecordKind::message, 1);
  EXPECT_EQ(read(), "x");
}

TEST_F(Ring, goes_by_the_header_that_it_has_checked_whatever_becomes_of_it) {
  ASSERT_TRUE(write("hello"));
  EXPECT_EQ(reader.peek().bytes.size(), 5u);
  writers.plant(0, RecordKind::padding, 0xffff'ffff);
  reader.release();
  ASSERT_TRUE(write("next"));
  EXPECT_EQ(read(), "next");
}

TEST_F(Ring, refuses_a_record_of_unknown_kind) {
  writers.plant(0, 99ull << 32 | 8);
  expect_violation("unknown kind");
}

TEST_F(Ring, refuses_a_header_with_a_length_and_no_kind) {
  writers.plant(0, 8);
  expect_violation("unknown kind");
}

TEST_F(Ring, refuses_a_record_that_is_longer_than_a_record_may_be) {
  writers.plant(0, RecordKind::message, static_cast<std::uint32_t>(max_record_length(ring_bytes) + 1));
  expect_violation("longer than it may be");
}

TEST_F(Ring, refuses_a_record_of_the_largest_length) {
  writers.plant(0, RecordKind::message, 0xffff'ffff);
  expect_violation("longer than it may be");
}

TEST_F(Ring, refuses_a_record_that_goes_round_the_end) {
  advance_to(4096 - 128);
  writers.plant(4096 - 128, RecordKind::message, 121);
  expect_violation("longer than it may be");
}

TEST_F(Ring, refuses_padding_at_its_start) {
  writers.plant(0, RecordKind::padding, 0);
  expect_violation("padding record at the start");
}

TEST_F(Ring, refuses_padding_after_padding) {
  advance_to(1024);
  writers.plant(0, RecordKind::padding, 0);
  writers.plant(1024, RecordKind::padding, 0);
  expect_violation("padding record at the start");
}

// What a hostile reader may plant -----------------------------------------------------------------

class RingUnderLies : public Ring {
 public:
  /// Fills the ring, says that so much of it was read, and asks for space.
  RingWriter::Outcome reserve_after(Position consumed) {
    while (write("x")) {
    }
    readers.control().consumed.store(consumed, std::memory_order_seq_cst);
    std::span<std::byte> bytes;
    return writer.reserve(1, bytes);
  }
};

TEST_F(RingUnderLies, believes_a_read_position_within_what_was_written) {
  EXPECT_EQ(reserve_after(128), RingWriter::Outcome::granted);
}

TEST_F(RingUnderLies, refuses_a_read_position_ahead_of_what_was_written) {
  EXPECT_EQ(reserve_after(8192), RingWriter::Outcome::lied);
}

TEST_F(RingUnderLies, refuses_a_read_position_next_to_the_largest_number) {
  EXPECT_EQ(reserve_after(~Position{0} & ~Position{63}), RingWriter::Outcome::lied);
}

TEST_F(RingUnderLies, is_told_of_room_by_a_lie_and_still_writes_nothing) {
  std::span<std::byte> bytes;
  EXPECT_EQ(reserve_after(0), RingWriter::Outcome::full);
  readers.control().consumed = Position{1} << 40;
  EXPECT_TRUE(writer.has_room());
  EXPECT_EQ(writer.reserve(1, bytes), RingWriter::Outcome::lied);
}

TEST_F(RingUnderLies, refuses_a_read_position_that_goes_backwards) {
  EXPECT_EQ(reserve_after(1024), RingWriter::Outcome::granted);
  EXPECT_EQ(reserve_after(512), RingWriter::Outcome::lied);
}

TEST_F(RingUnderLies, refuses_a_read_position_between_records) {
  EXPECT_EQ(reserve_after(100), RingWriter::Outcome::lied);
}

}  // namespace
}  // namespace vagus::transport::ring
