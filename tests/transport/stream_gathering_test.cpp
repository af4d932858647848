// What is sent over a stream of bytes while several messages have come at once: it waits for company, but
// only as long as somebody is about to look for messages.

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "stream/socket_stream.hpp"
#include "stream/stream_link.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {
namespace {

using namespace std::literals;
using transport::posix::FileDescriptor;
using transport::stream::ByteStream;
using transport::stream::Input;
using transport::stream::LoopWatch;
using transport::stream::SocketStream;
using transport::stream::StreamLink;
using transport::stream::StreamState;
using transport::stream::Transfer;

// As MessagePack: an array of one character.
constexpr std::string_view one_message = "\x91\xa1m";

/// Counts how often it is written to.
class CountingStream final : public ByteStream {
 public:
  CountingStream(FileDescriptor socket, std::atomic<int>& writes)
      : socket_(std::move(socket), {.traits = &traits_, .credentials = {}, .text = "the test"}),
        writes_(writes) {}

  int descriptor() const noexcept override { return socket_.descriptor(); }
  Transfer read(std::span<std::byte> into) override { return socket_.read(into); }
  Transfer write(std::span<const std::byte> bytes) override {
    ++writes_;
    return socket_.write(bytes);
  }
  void finish_writing() noexcept override { socket_.finish_writing(); }
  bool lingers() const noexcept override { return false; }
  const transport::LinkTraits& traits() const noexcept override { return traits_; }
  transport::Credentials credentials() const noexcept override { return {}; }
  const std::string& peer() const noexcept override { return socket_.peer(); }

 private:
  static constexpr transport::LinkTraits traits_{.scheme = "test"};
  SocketStream socket_;
  std::atomic<int>& writes_;
};

/// A link that gathers until it has to write, and the bare socket at its other end.
class Gathering : public ::testing::Test {
 private:
  LogLines lines_;
  LoopThreads threads_;
  FileDescriptor peer_;

 protected:
  Gathering() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
      throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    peer_ = FileDescriptor(ends[0]);
    auto stream = std::make_unique<CountingStream>(FileDescriptor(ends[1]), writes);
    auto watch = std::make_shared<LoopWatch>(threads_.loop(), stream->descriptor());
    transport::stream::OpenStream open{.stream = std::move(stream),
                                       .watch = std::move(watch),
                                       .output = {},
                                       .input = Input(wire::Limits{}),
                                       .times = {.gathering = std::chrono::hours(1)}};
    transport::stream::StreamLinkParts parts;
    parts.max_sent_size = parts.max_received_size = std::size_t{1} << 20;
    parts.state = std::make_shared<StreamState>(threads_.loop(), lines_.log(), "link", std::move(open));
    link = std::make_unique<StreamLink>(std::move(parts));
    link->start(observer);
    link->disarm();  // this thread reads
  }

  /// That many messages come, are received, and then there is none.
  void receive(int count) {
    for (int number = 0; number < count; ++number) write(one_message);
    for (int number = 0; number < count; ++number) {
      ASSERT_TRUE(link->try_receive());
      link->release();
    }
    ASSERT_FALSE(link->try_receive());
  }

  void send(std::size_t size = one_message.size()) {
    Slot slot;
    ASSERT_EQ(link->try_claim(size, slot), ClaimStatus::claimed);
    const auto bytes = std::as_bytes(std::span(one_message));
    std::copy(bytes.begin(), bytes.end(), slot.bytes.begin());
    ASSERT_TRUE(link->commit(slot, size));
  }

  /// How much has come at the other end; with `at_least`, waits for it.
  std::size_t come(std::size_t at_least = 0) {
    char bytes[4096];
    for (std::size_t size = 0;;) {
      const ssize_t some = ::recv(peer_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (some > 0) {
        size += static_cast<std::size_t>(some);
        continue;
      }
      if (size >= at_least) return size;
      pollfd readable{.fd = peer_.get(), .events = POLLIN, .revents = 0};
      constexpr int limit_ms = 30'000;
      if (::poll(&readable, 1, limit_ms) != 1) throw std::runtime_error("nothing comes");
    }
  }

  void write(std::string_view bytes) {
    ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  Observer observer;
  std::atomic<int> writes{0};
  std::unique_ptr<Link> link;
};

constexpr std::size_t message_size = one_message.size();

TEST_F(Gathering, writes_answers_together_whose_requests_came_together) {
  receive(3);
  for (int answer = 0; answer < 3; ++answer) send();
  EXPECT_EQ(come(), 0U);

  EXPECT_FALSE(link->try_receive());
  EXPECT_EQ(come(), 3 * message_size);
  EXPECT_EQ(writes, 1);
}

TEST_F(Gathering, writes_the_answer_to_a_single_request_at_once) {
  receive(1);
  send();
  EXPECT_EQ(come(), message_size);
  receive(1);
  send();
  EXPECT_EQ(come(), message_size);
}

TEST_F(Gathering, writes_ahead_of_the_next_message_that_is_received) {
  receive(2);
  send();
  write(one_message);
  EXPECT_TRUE(link->try_receive());
  EXPECT_EQ(come(), message_size);
  link->release();
}

TEST_F(Gathering, ends_before_the_reader_waits) {
  receive(2);
  send();
  link->wait_readable(Deadline::after(1ms));
  EXPECT_EQ(come(), message_size);
  send();
  EXPECT_EQ(come(), message_size);
}

TEST_F(Gathering, ends_with_the_reader_role) {
  receive(2);
  send();
  ASSERT_TRUE(link->arm());
  EXPECT_EQ(come(), message_size);
  send();
  EXPECT_EQ(come(), message_size);
}

TEST_F(Gathering, keeps_nothing_back_while_another_thread_waits_for_messages) {
  receive(2);
  std::thread reader([this] { link->wait_readable(Deadline::after(ample_time)); });
  send();  // before or after that one sleeps
  EXPECT_EQ(come(message_size), message_size);
  write(one_message);
  reader.join();
}

TEST_F(Gathering, leaves_what_was_gathered_to_the_next_reader) {
  receive(2);
  send();
  std::thread next([this] { EXPECT_FALSE(link->try_receive()); });
  EXPECT_EQ(come(message_size), message_size);
  next.join();
}

TEST_F(Gathering, is_bounded) {
  receive(2);
  constexpr std::size_t large = std::size_t{20} << 10;
  send(large);
  EXPECT_EQ(come(), large);
}

TEST_F(Gathering, does_not_outlive_the_link) {
  receive(2);
  send();
  link->close(make_error<TransportFinishedError>("the test closes it"));
  EXPECT_EQ(come(message_size), message_size);
}

TEST_F(Gathering, holds_no_more_for_a_peer_that_reads_nothing_than_a_link_may) {
  receive(2);
  constexpr std::size_t size = 1000;
  std::size_t sent = 0;
  Slot slot;
  while (link->try_claim(size, slot) == ClaimStatus::claimed) {
    ASSERT_TRUE(link->commit(slot, size));
    sent += size;
    ASSERT_LT(sent, std::size_t{16} << 20);
  }
  // Room comes as the peer reads.
  EXPECT_TRUE(link->arm_writable());
  ASSERT_TRUE(link->arm());
  EXPECT_EQ(come(sent), sent);
  observer.await_writable();
}

}  // namespace
}  // namespace vagus::testing
