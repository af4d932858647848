// Links, and attempts to connect, for which there is no memory: they end, and say so.

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "support/core/sanitizers.hpp"
#include "support/process.hpp"
#include "transport/link_ends.hpp"
#include "transport/lowered_limit.hpp"

namespace vagus::testing {
namespace {

/// The process gets only so much more address space, for as long as this object lives.
class LittleMemory {
 public:
  explicit LittleMemory(rlim_t more) : limit_(RLIMIT_AS, taken() + more) {}

 private:
  static rlim_t taken() {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
  }

  const LoweredLimit limit_;
};

TEST(LinkMemory, that_is_not_there_ends_the_attempt_within_a_process_and_not_the_next_one) {
  LogLines lines;
  LoopThreads threads;
  const auto context = make_context(threads.loop(), lines.log());
  const std::string url = fresh_url("inproc", "");
  Body body(url, context);
  {
    const LittleMemory little(rlim_t{512} << 20);
    const auto refused = try_connect(url + "?ring=1073741824", context);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::transport_disconnected);
    EXPECT_NE(std::string(refused.error().what()).find("mmap("), std::string::npos) << refused.error().what();
  }
  EXPECT_TRUE(try_connect(url, context).has_value());
  EXPECT_TRUE(body.accept());
}

TEST(LinkMemory, of_more_than_a_file_may_have_ends_the_attempt_and_not_the_process) {
  Process child([] {
    LogLines lines;
    LoopThreads threads;
    const auto context = make_context(threads.loop(), lines.log());
    const std::string url = fresh_url("shm");
    Body body(url, context);
    {
      const LoweredLimit small_files(RLIMIT_FSIZE, 4096);
      const auto refused = try_connect(url, context);
      ASSERT_FALSE(refused.has_value());
      EXPECT_EQ(refused.error().code(), ErrorCode::transport_disconnected);
      EXPECT_NE(std::string(refused.error().what()).find("limit on file size"), std::string::npos)
          << refused.error().what();
    }
    EXPECT_TRUE(try_connect(url, context).has_value());
  });
  EXPECT_EQ(child.wait(), 0);
}

/// A link over which a message comes for which its receiver has no memory. Of the message no byte is written
/// before it is sent, so that it takes addresses and hardly more.
class LinkOutOfMemory : public ::testing::Test {
 public:
  static constexpr std::size_t size = std::size_t{60} << 20;
  static constexpr rlim_t too_little = rlim_t{8} << 20;

  void SetUp() override {
    if (sanitized) GTEST_SKIP() << "the sanitizers end the process instead";
  }
  void connect(const std::string& url) {
    const auto context = make_context(threads.loop(), lines.log());
    Body listening(url, context);
    head.start(std::move(try_connect(url, context).value()));
    body.start(listening.accept());
    ASSERT_EQ(head.link->try_claim(size, slot), ClaimStatus::claimed);
  }
  void expect_ended() {
    EXPECT_EQ(body.observer.await_closed()->code(), ErrorCode::transport_finished);
    EXPECT_TRUE(lines.contains("cannot be received")) << "not logged";
    EXPECT_TRUE(body.link->arm()) << "there is still something to receive";
    EXPECT_EQ(head.receive(), std::nullopt);
    EXPECT_EQ(head.observer.await_closed()->code(), ErrorCode::transport_disconnected);
  }

  LogLines lines;
  LoopThreads threads;
  End head;
  End body;
  Slot slot;
};

TEST_F(LinkOutOfMemory, ends_where_the_message_comes_in_parts) {
  connect(fresh_url("shm", "?arena=0"));
  const LittleMemory little(too_little);
  bool sent = head.link->commit(slot, size);
  while (!sent) {
    EXPECT_EQ(body.try_receive(), std::nullopt);
    head.link->wait_writable(Deadline::after(ample_time));
    sent = head.link->push(slot);
  }
  expect_ended();
}

TEST_F(LinkOutOfMemory, ends_where_the_message_comes_as_a_stream) {
  connect(fresh_url("unix"));
  // An array of one element, a bin of all the rest.
  const std::size_t frame = frame_size("unix");
  const std::size_t rest = size - frame;
  const std::array<std::size_t, 6> head_of_message{0x91, 0xc6, rest >> 24, rest >> 16, rest >> 8, rest};
  ASSERT_EQ(frame, head_of_message.size());
  for (std::size_t place = 0; place < frame; ++place) {
    slot.bytes[place] = static_cast<std::byte>(head_of_message[place]);
  }
  const LittleMemory little(too_little);
  EXPECT_TRUE(head.link->commit(slot, size));
  EXPECT_EQ(body.receive(), std::nullopt);
  expect_ended();
}

TEST(LinkMemory, that_is_not_there_for_whoever_resolves_a_name_ends_the_attempt) {
  if (sanitized) GTEST_SKIP() << "the sanitizers need memory for each thread of their own";
  // In a process where no thread has ended yet, whose stack the next one could have.
  Process child([] {
    LogLines lines;
    LoopThreads threads;
    const auto context = make_context(threads.loop(), lines.log());
    const LittleMemory too_little_for_a_thread(rlim_t{1} << 20);
    const auto refused = try_connect("udp://some.name.invalid:4000", context);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::transport_disconnected);
    EXPECT_NE(std::string(refused.error().what()).find("udp://some.name.invalid:4000: thread"),
              std::string::npos)
        << refused.error().what();
  });
  EXPECT_EQ(child.wait(), 0);
}

}  // namespace
}  // namespace vagus::testing
