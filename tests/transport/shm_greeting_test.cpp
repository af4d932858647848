#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "posix/memory_file.hpp"
#include "posix/pipe.hpp"
#include "ring/ring_layout.hpp"
#include "transport/lowered_limit.hpp"
#include "transport/raw_peer.hpp"

namespace vagus::testing {
namespace {

using transport::posix::create_memory_file;
using transport::posix::seal_memory_file;
using transport::ring::memory_size;
using Descriptor = RawPeer::Descriptor;

constexpr std::size_t ring_bytes = 65536;

/// A listener that peers without manners connect to.
class ShmListener : public ::testing::Test {
 public:
  transport::TransportContext context() { return make_context(threads.loop(), lines.log()); }

  /// Whether a good head still gets a link.
  void expect_at_work() {
    End good;
    good.start(std::move(try_connect(url, context()).value()));
    End end;
    end.start(body.accept());
    good.send("x");
    EXPECT_EQ(end.receive(), "x");
  }
  void expect_turned_away(RawPeer& peer, const std::string& reason) {
    EXPECT_NE(peer.await_end().find(reason), std::string::npos) << "the peer was not told " << reason;
    EXPECT_TRUE(lines.await(reason)) << reason << " was not logged";
  }
  void expect_turned_away(const std::string& reason, std::span<const std::byte> datagram,
                          const std::vector<int>& descriptors) {
    RawPeer peer(url);
    peer.send(datagram, descriptors);
    expect_turned_away(peer, reason);
    expect_at_work();
  }
  void expect_memory_refused(const std::string& reason, const Descriptor& memory) {
    const auto pipe = transport::posix::create_pipe();
    expect_turned_away(reason, hello(), {memory.get(), pipe.write_end.get()});
  }
  void expect_bell_refused(int bell) {
    const Descriptor memory = sealed_memory(memory_size(ring_bytes));
    expect_turned_away("not a pipe", hello(), {memory.get(), bell});
  }

  static Bytes hello() { return transport::shm::encode_hello({}, ring_bytes); }
  static Bytes hello_with(std::size_t offset, std::uint64_t value, std::size_t size) {
    Bytes bytes = hello();
    std::memcpy(bytes.data() + offset, &value, size);
    return bytes;
  }
  static Descriptor sealed_memory(std::size_t size) {
    Descriptor memory = create_memory_file("test", size);
    seal_memory_file(memory.get());
    return memory;
  }

  LogLines lines;
  LoopThreads threads{1};
  const std::string url = fresh_url("shm");
  Body body{url, context()};
};

TEST_F(ShmListener, turns_away_who_does_not_speak_its_protocol) {
  const Bytes garbage(100, std::byte{0x5a});
  expect_turned_away("does not speak the protocol", garbage, {});
  expect_turned_away("does not speak the protocol", std::span(garbage).first(3), {});
  expect_turned_away("larger than any hello", Bytes(100'000, std::byte{0}), {});
}

TEST_F(ShmListener, turns_away_another_version_of_the_memory_layout) {
  expect_turned_away("is version 1, ours is 2", hello_with(8, 1, 4), {});
}

TEST_F(ShmListener, turns_away_a_first_datagram_that_is_no_hello) {
  expect_turned_away("not a hello", transport::shm::encode_closing(), {});
  expect_turned_away("the peer refuses the link: no", transport::shm::encode_refusal(ProtocolError("no")),
                     {});
  expect_turned_away("not a hello", hello_with(12, 77, 4), {});
}

TEST_F(ShmListener, turns_away_impossible_rings) {
  expect_turned_away("impossible size", hello_with(16, 0, 8), {});
  expect_turned_away("impossible size", hello_with(16, 65537, 8), {});
  expect_turned_away("impossible size", hello_with(16, 1ull << 63, 8), {});
}

TEST_F(ShmListener, turns_away_impossible_arenas) {
  expect_turned_away("arena has an impossible size", hello_with(24, 4095, 8), {});
  expect_turned_away("arena has an impossible size", hello_with(24, 1ull << 63, 8), {});
}

TEST_F(ShmListener, turns_away_an_arena_that_is_not_what_it_was_said_to_be) {
  const Descriptor memory = sealed_memory(memory_size(ring_bytes));
  const Descriptor arena = sealed_memory(4096);
  const auto pipe = transport::posix::create_pipe();
  const std::vector<int> descriptors{memory.get(), pipe.write_end.get(), arena.get()};
  expect_turned_away("carries 2 descriptors, not 3", transport::shm::encode_hello({}, ring_bytes, 4096),
                     {memory.get(), pipe.write_end.get()});
  expect_turned_away("bytes, announced were 8192", transport::shm::encode_hello({}, ring_bytes, 8192),
                     descriptors);
  const Descriptor unsealed = transport::posix::create_memory_file("test", 4096);
  expect_turned_away("its seals are", transport::shm::encode_hello({}, ring_bytes, 4096),
                     {memory.get(), pipe.write_end.get(), unsealed.get()});
}

TEST_F(ShmListener, turns_away_a_hello_that_cannot_be_read) {
  Bytes bytes = hello();
  bytes.pop_back();
  expect_turned_away("hello is not readable", bytes, {});
}

TEST_F(ShmListener, turns_away_a_hello_without_the_right_descriptors) {
  const Descriptor memory = sealed_memory(memory_size(ring_bytes));
  expect_turned_away("carries 0 descriptors", hello(), {});
  expect_turned_away("carries 1 descriptors", hello(), {memory.get()});
  expect_turned_away("carries 4 descriptors", hello(),
                     {memory.get(), memory.get(), memory.get(), memory.get()});
}

TEST_F(ShmListener, turns_away_memory_that_its_owner_could_shrink) {
  expect_memory_refused("its seals are", create_memory_file("test", memory_size(ring_bytes)));
  Descriptor partly = create_memory_file("test", memory_size(ring_bytes));
  ASSERT_EQ(::fcntl(partly.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL), 0);
  expect_memory_refused("its seals are", partly);
}

TEST_F(ShmListener, turns_away_memory_of_another_size_than_announced) {
  expect_memory_refused("bytes, announced were", sealed_memory(memory_size(ring_bytes) - 4096));
  expect_memory_refused("bytes, announced were", sealed_memory(0));
  expect_memory_refused("bytes, announced were", sealed_memory(2 * memory_size(ring_bytes)));
}

TEST_F(ShmListener, turns_away_descriptors_that_are_no_memory) {
  expect_memory_refused("F_GET_SEALS", Descriptor{::open("/dev/zero", O_RDWR | O_CLOEXEC)});
  expect_memory_refused("F_GET_SEALS", Descriptor{::eventfd(0, EFD_CLOEXEC)});
}

TEST_F(ShmListener, turns_away_memory_of_huge_pages_which_may_be_missing_when_they_are_touched) {
  constexpr std::size_t huge_page = 2 << 20;
  Descriptor memory{::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_HUGE_2MB)};
  if (!memory) GTEST_SKIP() << "this kernel has no huge pages";
  ASSERT_EQ(::ftruncate(memory.get(), huge_page), 0);
  seal_memory_file(memory.get());
  expect_memory_refused("not made of ordinary pages", memory);
}

TEST_F(ShmListener, turns_away_bells_that_are_no_pipes) {
  const Descriptor counter{::eventfd(0, EFD_CLOEXEC)};
  expect_bell_refused(counter.get());
  const Descriptor file{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  expect_bell_refused(file.get());
  const Descriptor memory = sealed_memory(memory_size(ring_bytes));
  expect_bell_refused(memory.get());
}

TEST_F(ShmListener, is_not_held_up_by_those_who_say_nothing) {
  std::vector<std::unique_ptr<RawPeer>> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<RawPeer>(url));
  expect_at_work();
}

TEST_F(ShmListener, drops_the_oldest_of_very_many_who_say_nothing) {
  std::vector<std::unique_ptr<RawPeer>> silent;
  for (int i = 0; i < 70; ++i) silent.push_back(std::make_unique<RawPeer>(url));
  silent.front()->await_end();
  EXPECT_TRUE(lines.await("too many connections without a hello"));
  expect_at_work();
}

TEST_F(ShmListener, drops_who_says_nothing_for_too_long) {
  RawPeer silent(url);
  EXPECT_NE(silent.await_end().find("no hello came"), std::string::npos);
}

TEST_F(ShmListener, takes_no_notice_of_who_connects_and_leaves) {
  for (int i = 0; i < 20; ++i) RawPeer{url};
  expect_at_work();
  EXPECT_FALSE(lines.contains("turned away"));
}

TEST_F(ShmListener, closes_what_it_was_sent_by_those_it_turns_away) {
  const auto open_descriptors = [] {
    int count = 0;
    for (int fd = 0; fd < 1024; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return count;
  };
  const Descriptor memory = create_memory_file("test", 4096);
  expect_turned_away("its seals are", hello(), {memory.get(), memory.get()});
  const int before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    RawPeer peer(url);
    peer.send(hello(), {memory.get(), memory.get()});
    peer.await_end();
  }
  // The listener closes what it was sent a moment after it has spoken; the one thread of its loop does this
  // later.
  std::promise<void> later;
  threads.loop().post([&] { later.set_value(); });
  later.get_future().get();
  EXPECT_LE(open_descriptors(), before);
}

TEST(ShmHello, for_whose_descriptors_there_is_no_room_is_no_fault_of_who_says_it) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  RawPeer sender{Descriptor{ends[0]}};
  RawPeer receiver{Descriptor{ends[1]}};
  const Descriptor memory = ShmListener::sealed_memory(memory_size(ring_bytes));
  const auto pipe = transport::posix::create_pipe();
  const auto receive_hello = [&] {
    sender.send(ShmListener::hello(), {memory.get(), pipe.write_end.get()});
    auto outcome = receiver.receive();
    return transport::shm::check_hello(outcome);
  };
  {
    const LoweredLimit none_free(RLIMIT_NOFILE, 1);
    EXPECT_THROW(receive_hello(), TransportDisconnectedError);
  }
  EXPECT_NO_THROW(receive_hello());
}

// The head's side ---------------------------------------------------------------------------------

/// A listener without manners.
class RawListener {
 public:
  explicit RawListener(const std::string& url) : socket_(transport::posix::create_seqpacket_socket()) {
    const transport::shm::Address address(Url::parse(url));
    if (::bind(socket_.get(), address.socket_address(), address.size()) != 0 ||
        ::listen(socket_.get(), 5) != 0) {
      throw std::system_error(errno, std::generic_category(), "bind or listen");
    }
  }
  RawPeer accept() {
    pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, 30'000) != 1) throw std::runtime_error("nobody connected in time");
    return RawPeer(Descriptor{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)});
  }

 private:
  Descriptor socket_;
};

class ShmConnecting : public ::testing::Test {
 public:
  /// What connecting comes to if the listener treats it like this.
  ErrorCode outcome(const std::function<void(RawPeer&)>& treat,
                    Deadline deadline = Deadline::after(ample_time)) {
    std::thread listener([&] {
      RawPeer peer = raw.accept();
      treat(peer);
    });
    const auto result = try_connect(url, make_context(threads.loop(), lines.log()), deadline);
    listener.join();
    if (result.has_value()) throw std::runtime_error("there is a link");
    message = result.error().what();
    return result.error().code();
  }

  LogLines lines;
  LoopThreads threads;
  const std::string url = fresh_url("shm");
  RawListener raw{url};
  std::string message;
};

TEST_F(ShmConnecting, fails_where_something_else_is_spoken) {
  EXPECT_EQ(outcome([](RawPeer& peer) { peer.send("220 smtp.example.org ESMTP"); }), ErrorCode::protocol);
  EXPECT_EQ(outcome([](RawPeer& peer) { peer.send(transport::shm::encode_hello({}, ring_bytes)); }),
            ErrorCode::protocol);
  EXPECT_NE(message.find("carries 0 descriptors"), std::string::npos) << message;
}

TEST_F(ShmConnecting, fails_where_the_listener_leaves) {
  EXPECT_EQ(outcome([](RawPeer& peer) { peer.receive(); }), ErrorCode::transport_disconnected);
  EXPECT_EQ(outcome([](RawPeer&) {}), ErrorCode::transport_disconnected);
}

TEST_F(ShmConnecting, fails_at_its_deadline_where_the_listener_says_nothing) {
  const auto silent = [](RawPeer& peer) {
    peer.receive();
    peer.await_end();
  };
  EXPECT_EQ(outcome(silent, Deadline::after(std::chrono::milliseconds(30))), ErrorCode::connection_timeout);
}

TEST_F(ShmConnecting, passes_on_why_it_was_refused) {
  const auto refuse = [](RawPeer& peer) {
    peer.receive();
    peer.send(transport::shm::encode_refusal(PermissionDeniedError("not\ntoday")));
  };
  EXPECT_EQ(outcome(refuse), ErrorCode::permission_denied);
  EXPECT_NE(message.find("not?today"), std::string::npos) << message;
}

}  // namespace
}  // namespace vagus::testing
