#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/clock.hpp>

#include "posix/memory_file.hpp"
#include "posix/memory_mapping.hpp"
#include "ring/arena.hpp"
#include "ring/arena_trimmer.hpp"
#include "ring/ring_writer.hpp"
#include "transport/link_suite.hpp"
#include "transport/raw_peer.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;
using transport::ring::Arena;
using transport::ring::ArenaTrimmer;
using transport::ring::block_list_size;
using transport::ring::BlockList;
using transport::ring::BlockReference;
using transport::ring::Control;
using transport::ring::RecordKind;
using transport::ring::RingWriter;
using BlockPointer = std::shared_ptr<wire::Block>;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void fill(const wire::Block& block, std::string_view text) {
  std::memcpy(block.bytes().data(), text.data(), text.size());
}

/// Sends a message that brings blocks along.
void send_with(End& end, std::string_view message, const std::vector<BlockPointer>& blocks) {
  Slot slot;
  ASSERT_EQ(end.link->try_claim(message.size(), slot, blocks), ClaimStatus::claimed);
  std::memcpy(slot.bytes.data(), message.data(), message.size());
  ASSERT_TRUE(end.link->commit(slot, message.size()));
}

using LinkBlocks = LinkTest;
VAGUS_INSTANTIATE_LINK_TESTS(LinkBlocks, kinds_with_arena);

TEST_P(LinkBlocks, hold_a_large_message_for_as_long_as_somebody_keeps_it) {
  connect();
  const std::string message = pattern(30'000);
  head.send(message);
  body.link->wait_readable(Deadline::after(ample_time));
  const auto received = body.link->try_receive();
  ASSERT_TRUE(received);
  auto keeper = body.link->keep();
  ASSERT_TRUE(keeper);
  body.link->release();
  head.send(pattern(30'000, 1));  // lies elsewhere
  EXPECT_EQ(text_of(*received), message);
  body.link.reset();
  head.link.reset();
  EXPECT_EQ(text_of(*received), message);
}

TEST_P(LinkBlocks, come_with_the_message_that_brings_them) {
  connect();
  const auto first = head.link->borrow(5);
  const auto second = head.link->borrow(3);
  fill(*first, "hello");
  fill(*second, "you");
  send_with(head, "message", {first, second});
  body.link->wait_readable(Deadline::after(ample_time));
  EXPECT_EQ(text_of(*body.link->try_receive()), "message");
  EXPECT_EQ(text_of(body.link->attached(0).bytes), "hello");
  EXPECT_EQ(text_of(body.link->attached(1).bytes), "you");
  EXPECT_FALSE(body.link->attached(2).keeper);
  EXPECT_FALSE(body.link->attached(~0U).keeper);
  body.link->release();
  EXPECT_FALSE(body.link->attached(0).keeper);
  head.send("next");
  EXPECT_EQ(body.receive(), "next");
}

TEST_P(LinkBlocks, come_with_a_large_message_too) {
  connect();
  const auto block = head.link->borrow(5);
  fill(*block, "hello");
  const std::string message = pattern(30'000);
  send_with(head, message, {block});
  body.link->wait_readable(Deadline::after(ample_time));
  EXPECT_EQ(text_of(*body.link->try_receive()), message);
  EXPECT_EQ(text_of(body.link->attached(0).bytes), "hello");
  EXPECT_FALSE(body.link->attached(1).keeper);
  body.link->release();
}

TEST_P(LinkBlocks, come_no_more_often_with_a_message_than_there_are_blocks) {
  connect();
  const auto block = head.link->borrow(5);
  Slot slot;
  const std::vector<BlockPointer> too_many(transport::ring::max_blocks + 1, block);
  EXPECT_EQ(head.link->try_claim(1, slot, too_many), ClaimStatus::unlendable);
  head.send("next");
  EXPECT_EQ(body.receive(), "next");
}

TEST_P(LinkBlocks, are_used_again_when_the_peer_has_let_go_of_all_that_was_sent_of_them) {
  connect();
  const std::size_t size = 40'000;  // of the smallest arena there fits one
  const void* place = nullptr;
  for (int round = 0; round < 1000; ++round) {
    auto block = head.link->borrow(size);
    ASSERT_TRUE(block);
    if (place == nullptr) place = block->bytes().data();
    EXPECT_EQ(block->bytes().data(), place);
    send_with(head, "a", {block});
    send_with(head, "b", {block});
    block.reset();
    EXPECT_EQ(body.receive(), "a");
    body.link->wait_readable(Deadline::after(ample_time));
    ASSERT_TRUE(body.link->try_receive());
    auto keeper = body.link->attached(0).keeper;
    body.link->release();
    const auto other = round % 2 == 0 ? head.link->borrow(4096) : nullptr;
    EXPECT_TRUE(!other || other->bytes().data() != place);
    keeper.reset();
  }
}

TEST_P(LinkBlocks, are_refused_when_the_peer_keeps_them_all_and_large_messages_go_in_parts) {
  connect();
  std::vector<std::shared_ptr<const void>> kept;
  try {
    for (;;) {
      send_with(head, "x", {head.link->borrow(20'000)});
      body.link->wait_readable(Deadline::after(ample_time));
      ASSERT_TRUE(body.link->try_receive());
      kept.push_back(body.link->attached(0).keeper);
      body.link->release();
    }
  } catch (const OverloadedError& error) {
    EXPECT_NE(std::string(error.what()).find("20000 bytes"), std::string::npos) << error.what();
  }
  EXPECT_GE(kept.size(), 3u);
  const std::string message = pattern(50'000);
  std::thread sender([&] { head.send(message); });
  EXPECT_EQ(body.receive(), message);
  sender.join();
  kept.clear();
  EXPECT_TRUE(head.link->borrow(20'000));
}

TEST_P(LinkBlocks, of_more_than_the_arena_are_not_lent) {
  connect();
  EXPECT_EQ(head.link->borrow(std::size_t{1} << 40), nullptr);
}

TEST_P(LinkBlocks, of_a_message_that_is_abandoned_are_free_again) {
  connect();
  for (int round = 0; round < 1000; ++round) {
    auto block = head.link->borrow(10'000);
    ASSERT_TRUE(block);
    Slot slot;
    const std::vector<BlockPointer> blocks{block};
    ASSERT_EQ(head.link->try_claim(30'000, slot, blocks), ClaimStatus::claimed);
    head.link->abandon(slot);
  }
  head.send("next");
  EXPECT_EQ(body.receive(), "next");
}

TEST_P(LinkBlocks, may_outlive_their_link) {
  connect();
  const auto block = head.link->borrow(5);
  head.link.reset();
  body.link.reset();
  fill(*block, "hello");
  EXPECT_EQ(text_of(block->bytes()), "hello");
}

/// An arena whose peer is played by the test.
class ArenaAlone : public ::testing::Test {
 public:
  static constexpr std::size_t size = 1024 * 1024;

  std::size_t bytes_in_memory() const {
    struct stat facts {};
    EXPECT_EQ(::fstat(file.get(), &facts), 0);
    return static_cast<std::size_t>(facts.st_blocks) * 512;
  }

  transport::posix::FileDescriptor file = transport::posix::create_memory_file("test", size);
  transport::posix::MemoryMapping mapping{file.get(), size,
                                          transport::posix::MemoryMapping::Access::read_write};
  Control peer;
  std::shared_ptr<Arena> arena =
      std::make_shared<Arena>(std::span(mapping.data(), mapping.size()), peer, nullptr);
};

TEST_F(ArenaAlone, takes_no_memory_before_it_is_used_and_gives_it_back) {
  EXPECT_EQ(bytes_in_memory(), 0u);
  auto first = arena->allocate(100'000);
  auto second = arena->allocate(500'000);
  std::fill(second->bytes().begin(), second->bytes().end(), std::byte{1});
  EXPECT_GE(bytes_in_memory(), 600'000u);
  second.reset();
  EXPECT_FALSE(arena->trim());
  EXPECT_GE(bytes_in_memory(), 100'000u);
  EXPECT_LE(bytes_in_memory(), 110'000u);
  first.reset();
  EXPECT_TRUE(arena->trim());
  EXPECT_EQ(bytes_in_memory(), 0u);
  EXPECT_TRUE(arena->allocate(size));
}

/// A clock that stands until the test turns it.
class TurnedClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return TimePoint(Duration(now_.load())); }
  void advance(Duration forward) { now_.fetch_add(forward.count()); }

 private:
  std::atomic<Duration::rep> now_{Clock::steady().now().time_since_epoch().count()};
};

class TrimmedArena : public ArenaAlone {
 public:
  /// Lets time pass until no more than so much memory is taken.
  bool shrinks_to(std::size_t bytes) {
    const TimePoint give_up = Clock::steady().now() + ample_time;
    while (bytes_in_memory() > bytes) {
      if (Clock::steady().now() > give_up) return false;
      clock.advance(1min);
      std::this_thread::yield();
    }
    return true;
  }

  TurnedClock clock;
  const ClockInUse in_use{clock};
  LoopThreads threads;
};

TEST_F(TrimmedArena, gives_back_also_what_comes_back_after_a_look_in_vain) {
  ArenaTrimmer trimmer(threads.loop(), arena);
  for (int round = 0; round < 2; ++round) {
    trimmer.used();
    auto kept = arena->allocate(100'000);
    auto dropped = arena->allocate(500'000);
    EXPECT_GE(bytes_in_memory(), 600'000u);
    dropped.reset();
    EXPECT_TRUE(shrinks_to(110'000));  // so that it has looked, and found the other one in use
    EXPECT_GE(bytes_in_memory(), 100'000u);
    kept.reset();
    EXPECT_TRUE(shrinks_to(0));
  }
}

TEST_F(ArenaAlone, keeps_no_event_loop_from_its_end_when_its_link_has_ended_and_a_block_is_still_out) {
  TurnedClock clock;
  const ClockInUse in_use{clock};
  EventLoop loop;
  ArenaTrimmer trimmer(loop, arena);
  trimmer.used();
  const auto kept = arena->allocate(100'000);
  trimmer.stop();
  trimmer.used();  // by a thread that was just about to
  loop.finish();
  while (loop.run_one()) clock.advance(1min);
}

TEST_F(ArenaAlone, fills_the_gaps) {
  std::vector<BlockPointer> blocks;
  while (auto block = arena->allocate(100'000)) blocks.push_back(std::move(block));
  EXPECT_EQ(blocks.size(), 10u);
  const auto* place = blocks[4]->bytes().data();
  blocks[4].reset();
  EXPECT_EQ(arena->allocate(110'000), nullptr);
  EXPECT_EQ(arena->allocate(90'000)->bytes().data(), place);
}

TEST_F(ArenaAlone, has_so_many_blocks_and_no_more) {
  std::vector<BlockPointer> blocks;
  while (auto block = arena->allocate(0)) blocks.push_back(std::move(block));
  EXPECT_EQ(blocks.size(), transport::ring::max_blocks);
}

TEST_F(ArenaAlone, finds_a_peer_out_that_gives_back_what_it_was_not_sent) {
  const auto block = arena->allocate(100);
  arena->lend(*block, 100);
  for (auto& returned : peer.returned) returned.store(2);
  static_cast<void>(arena->allocate(100));
  ASSERT_NE(arena->violation(), nullptr);
  EXPECT_NE(std::string(arena->violation()).find("more often than it was sent"), std::string::npos);
}

/// A peer that refers to what it likes.
class ShmLyingAboutBlocks : public ::testing::Test {
 public:
  ShmLyingAboutBlocks() { end.start(body.accept()); }

  void publish(const BlockList& list, const std::vector<BlockReference>& references) {
    RingWriter writer(head.own.segment.memory(), *head.peer->segment.memory().control);
    std::span<std::byte> bytes;
    ASSERT_EQ(writer.reserve(block_list_size(references.size()), bytes), RingWriter::Outcome::granted);
    std::memcpy(bytes.data(), &list, sizeof list);
    for (std::size_t place = 0; place < references.size(); ++place) {
      std::memcpy(bytes.data() + block_list_size(place), &references[place], sizeof(BlockReference));
    }
    writer.publish(RecordKind::with_blocks, bytes.size());
  }
  void expect_protocol_error(const BlockList& list, const std::vector<BlockReference>& references,
                             const std::string& text) {
    publish(list, references);
    EXPECT_EQ(end.try_receive(), std::nullopt);
    const ErrorPtr reason = end.observer.await_closed();
    EXPECT_EQ(reason->code(), ErrorCode::protocol) << reason->what();
    EXPECT_NE(std::string(reason->what()).find(text), std::string::npos) << reason->what();
  }

  static constexpr std::size_t arena_bytes = 65536;
  LogLines lines;
  LoopThreads threads;
  const std::string url = fresh_url("shm");
  Body body{url, make_context(threads.loop(), lines.log())};
  GreetedPeer head{url, make_context(threads.loop(), lines.log()), 65536, arena_bytes};
  End end;
};

TEST_F(ShmLyingAboutBlocks, is_believed_while_it_does_not) {
  std::memcpy(head.own.segment.memory().arena.data() + 4096, "hello", 5);
  publish({1, 1}, {{.offset = 4096, .size = 5, .index = 255}});
  EXPECT_EQ(end.receive(), "hello");
  EXPECT_EQ(head.peer->segment.memory().control->returned[255].load(), 1u);
}

TEST_F(ShmLyingAboutBlocks, ends_the_link_with_a_block_beyond_the_arena) {
  expect_protocol_error({1, 1}, {{.offset = 4096, .size = arena_bytes - 4095, .index = 0}}, "outside of its");
}

TEST_F(ShmLyingAboutBlocks, ends_the_link_with_a_place_and_a_size_that_overflow) {
  expect_protocol_error({1, 1}, {{.offset = 8192, .size = ~0ull - 4096, .index = 0}}, "outside of its arena");
}

TEST_F(ShmLyingAboutBlocks, ends_the_link_with_a_block_at_an_odd_place) {
  expect_protocol_error({1, 0}, {{.offset = 64, .size = 1, .index = 0}}, "odd place");
}

TEST_F(ShmLyingAboutBlocks, ends_the_link_with_a_block_of_impossible_number) {
  expect_protocol_error({1, 1}, {{.offset = 0, .size = 1, .index = 256}}, "impossible number");
}

TEST_F(ShmLyingAboutBlocks, ends_the_link_with_fewer_references_than_it_says) {
  expect_protocol_error({2, 0}, {{.offset = 0, .size = 1, .index = 0}}, "does not hold what it says");
}

TEST_F(ShmLyingAboutBlocks, ends_the_link_with_more_references_than_there_are_blocks) {
  expect_protocol_error({~0u, 0}, {}, "does not hold what it says");
}

TEST_F(ShmLyingAboutBlocks, ends_the_link_with_a_message_that_lies_nowhere) {
  expect_protocol_error({0, 1}, {}, "does not hold what it says");
}

TEST_F(ShmLyingAboutBlocks, ends_the_link_when_it_gives_back_what_it_was_not_sent) {
  for (auto& returned : head.control().returned) returned.store(5);
  const auto block = end.link->borrow(10);
  EXPECT_FALSE(end.link->borrow(10));
  EXPECT_EQ(end.observer.await_closed()->code(), ErrorCode::protocol);
}

}  // namespace
}  // namespace vagus::testing
