// What belongs to a stream of bytes before there is a link, when it is given up at any moment.

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <system_error>
#include <utility>

#include "stream/farewell.hpp"
#include "stream/handshake.hpp"
#include "stream/loop_watch.hpp"
#include "transport/stream_link_test.hpp"

namespace vagus::testing {
namespace {

using transport::stream::Farewell;
using transport::stream::Greeting;
using transport::stream::Handshake;
using transport::stream::LoopWatch;

class StreamDropping : public ::testing::Test {
 protected:
  StreamDropping() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
      throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    peer = transport::posix::FileDescriptor(ends[0]);
    stream = std::make_unique<CountingStream>(transport::posix::FileDescriptor(ends[1]), counts);
    watch = std::make_shared<LoopWatch>(threads.loop(), stream->descriptor());
  }

  /// The stream was closed, and nothing sent before.
  void expect_nothing_but_the_end() const {
    char byte = 0;
    EXPECT_EQ(::recv(peer.get(), &byte, 1, MSG_DONTWAIT), 0);
  }

  LogLines lines;
  LoopThreads threads;
  CountingStream::Counts counts;
  transport::posix::FileDescriptor peer;
  std::unique_ptr<CountingStream> stream;
  std::shared_ptr<LoopWatch> watch;
  std::shared_ptr<int> held = std::make_shared<int>();  // by what might be called
};

TEST_F(StreamDropping, a_handshake_that_was_cancelled_before_its_start_calls_nobody) {
  const auto handshake = std::make_shared<Handshake>(make_context(threads.loop(), lines.log()),
                                                     std::move(stream), std::move(watch), Greeting::call);
  handshake->cancel();
  handshake->start(Deadline::after(ample_time), [held = held](const Handshake::Outcome&) { ADD_FAILURE(); });
  EXPECT_EQ(held.use_count(), 1);
  expect_nothing_but_the_end();
}

TEST_F(StreamDropping, a_farewell_that_was_closed_before_its_start_calls_nobody) {
  const auto farewell = std::make_shared<Farewell>(threads.loop(), std::move(stream), std::move(watch));
  farewell->close();
  farewell->start([held = held] { ADD_FAILURE(); });
  EXPECT_EQ(held.use_count(), 1);
  expect_nothing_but_the_end();
}

TEST_F(StreamDropping, a_watch_that_was_started_goes_with_its_last_holder) {
  watch->start([held = held](std::uint32_t) { ADD_FAILURE(); });
  watch.reset();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace vagus::testing
