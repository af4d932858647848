// A link over a stream of bytes whose other end is a bare socket of the test.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include "stream/socket_stream.hpp"
#include "stream/stream_link.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {

/// As MessagePack: an array of one character.
inline constexpr std::string_view one_message = "\x91\xa1m";

/// Counts how often it is read from and written to.
class CountingStream final : public transport::stream::ByteStream {
 public:
  struct Counts {
    std::atomic<int> reads{0};
    std::atomic<int> writes{0};
    // How often the descriptor was asked for: whenever the link looks for how long nothing was heard, too.
    std::atomic<int> descriptors{0};
  };

  CountingStream(transport::posix::FileDescriptor socket, Counts& counts)
      : socket_(std::move(socket), {.traits = &traits_, .credentials = {}, .text = "the test"}),
        counts_(counts) {}

  int descriptor() const noexcept override {
    ++counts_.descriptors;
    return socket_.descriptor();
  }
  transport::stream::Transfer read(std::span<std::byte> into) override {
    ++counts_.reads;
    return socket_.read(into);
  }
  transport::stream::Transfer write(std::span<const std::byte> bytes) override {
    ++counts_.writes;
    return socket_.write(bytes);
  }
  void finish_writing() noexcept override { socket_.finish_writing(); }
  bool lingers() const noexcept override { return false; }
  const transport::LinkTraits& traits() const noexcept override { return traits_; }
  transport::Credentials credentials() const noexcept override { return {}; }
  const std::string& peer() const noexcept override { return socket_.peer(); }

 private:
  static constexpr transport::LinkTraits traits_{.scheme = "test"};
  transport::stream::SocketStream socket_;
  Counts& counts_;
};

class StreamLinkTest : public ::testing::Test {
 private:
  LogLines lines_;
  LoopThreads threads_;
  transport::posix::FileDescriptor peer_;

 protected:
  /// `wait_policy` is what the link does before it sleeps, `gathering` how long what is sent may wait,
  /// `keep_alive` after how much silence it pings, `max_received_size` how large what it takes may be.
  StreamLinkTest(transport::WaitPolicy wait_policy, Duration gathering, Duration keep_alive = no_timeout,
                 std::size_t max_received_size = std::size_t{1} << 20) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
      throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    peer_ = transport::posix::FileDescriptor(ends[0]);
    auto stream = std::make_unique<CountingStream>(transport::posix::FileDescriptor(ends[1]), counts);
    auto watch = std::make_shared<transport::stream::LoopWatch>(threads_.loop(), stream->descriptor());
    transport::stream::OpenStream open{.stream = std::move(stream),
                                       .watch = std::move(watch),
                                       .output = {},
                                       .input = transport::stream::Input(wire::Limits{}),
                                       .times = {.keep_alive = keep_alive, .gathering = gathering},
                                       .takes_pings = true};
    transport::stream::StreamLinkParts parts;
    parts.wait_policy = wait_policy;
    parts.max_sent_size = std::size_t{1} << 20;
    parts.max_received_size = max_received_size;
    parts.state = std::make_shared<transport::stream::StreamState>(threads_.loop(), lines_.log(), "link",
                                                                   std::move(open));
    link = std::make_unique<transport::stream::StreamLink>(std::move(parts));
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

  /// The other end closes its socket.
  void hang_up() { peer_.reset(); }

  void write(std::string_view bytes) {
    ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  Observer observer;
  CountingStream::Counts counts;
  std::unique_ptr<Link> link;
};

}  // namespace vagus::testing
