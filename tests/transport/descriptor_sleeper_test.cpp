// Sleeping until something comes over a socket, or somebody in this process calls.

#include "stream/descriptor_sleeper.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include <gtest/gtest.h>

#include "posix/file_descriptor.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;
using transport::posix::FileDescriptor;
using transport::stream::DescriptorSleeper;

// After some dozens of sleeps the sleeper waits in another way.
constexpr int many = 300;

class SleepForInput : public ::testing::Test {
 protected:
  SleepForInput() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
      throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    own = FileDescriptor(ends[0]);
    peer = FileDescriptor(ends[1]);
  }

  short sleep(Deadline deadline = Deadline::after(ample_time)) {
    return sleeper.sleep_for_input(own.get(), deadline);
  }
  static void send(const FileDescriptor& end) { ASSERT_EQ(::send(end.get(), "x", 1, 0), 1); }
  static void empty(const FileDescriptor& end) {
    char bytes[16];
    while (::recv(end.get(), bytes, sizeof bytes, 0) > 0) {
    }
  }

  FileDescriptor own;
  FileDescriptor peer;
  DescriptorSleeper sleeper;
};

TEST_F(SleepForInput, ends_for_each_byte_that_comes_to_an_empty_socket) {
  std::thread answering([this] {
    for (int number = 0; number < many; ++number) {
      pollfd readable{.fd = peer.get(), .events = POLLIN, .revents = 0};
      ASSERT_EQ(::poll(&readable, 1, 30'000), 1);
      empty(peer);
      send(peer);
    }
  });
  for (int number = 0; number < many; ++number) {
    send(own);
    ASSERT_TRUE(sleep() & POLLIN) << number;
    empty(own);
  }
  answering.join();
}

TEST_F(SleepForInput, ends_at_once_if_something_came_before_it) {
  for (int number = 0; number < many; ++number) {
    send(peer);
    ASSERT_TRUE(sleep() & POLLIN) << number;
    empty(own);
  }
}

TEST_F(SleepForInput, ends_when_called_and_not_a_second_time) {
  for (int number = 0; number < many; ++number) {
    std::thread calling([this] { sleeper.call(); });
    ASSERT_EQ(sleep(), 0);
    calling.join();
    ASSERT_TRUE(sleeper.take_call());
  }
  EXPECT_EQ(sleep(Deadline::after(1ms)), 0);
  EXPECT_FALSE(sleeper.called());
}

TEST_F(SleepForInput, ends_at_its_deadline_however_often_the_peer_only_reads) {
  for (int number = 0; number < many; ++number) {
    send(own);
    empty(peer);
    ASSERT_EQ(sleep(Deadline::after(10us)), 0);
  }
  send(peer);
  EXPECT_TRUE(sleep() & POLLIN);
}

TEST_F(SleepForInput, sees_the_end_of_the_peer) {
  for (int number = 0; number < many; ++number) {
    send(peer);
    ASSERT_TRUE(sleep() & POLLIN);
    empty(own);
  }
  std::thread ending([this] { peer.reset(); });
  EXPECT_TRUE(sleep() & (POLLIN | POLLHUP));
  ending.join();
}

}  // namespace
}  // namespace vagus::testing
