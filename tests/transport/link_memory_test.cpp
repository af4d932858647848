// Attempts to connect for which there is no memory: they end, and say so.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "support/core/sanitizers.hpp"
#include "support/process.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {
namespace {

/// The process gets only so much more address space, for as long as this object lives.
class LittleMemory {
 public:
  explicit LittleMemory(rlim_t more) {
    EXPECT_EQ(::getrlimit(RLIMIT_AS, &former_), 0);
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    ::rlimit lower = former_;
    lower.rlim_cur = std::min(former_.rlim_max, pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more);
    EXPECT_EQ(::setrlimit(RLIMIT_AS, &lower), 0);
  }
  ~LittleMemory() { ::setrlimit(RLIMIT_AS, &former_); }
  LittleMemory(const LittleMemory&) = delete;
  LittleMemory& operator=(const LittleMemory&) = delete;

 private:
  ::rlimit former_{};
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

TEST(LinkMemory, that_is_not_there_for_whoever_resolves_a_name_ends_the_attempt) {
  if (sanitized) GTEST_SKIP() << "the sanitizers need memory for each thread of their own";
  // In a process where no thread has ended yet, whose stack the next one could have.
  Process child([] {
    LogLines lines;
    LoopThreads threads;
    const auto context = make_context(threads.loop(), lines.log());
    const LittleMemory too_little_for_a_thread(rlim_t{1} << 20);
    const auto refused = try_connect("udp://localhost:4000", context);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::transport_disconnected);
    EXPECT_NE(std::string(refused.error().what()).find("udp://localhost:4000: thread"), std::string::npos)
        << refused.error().what();
  });
  EXPECT_EQ(child.wait(), 0);
}

}  // namespace
}  // namespace vagus::testing
