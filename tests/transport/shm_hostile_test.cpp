#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <future>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "posix/futex.hpp"
#include "ring/ring_layout.hpp"
#include "ring/ring_writer.hpp"
#include "support/core/flag.hpp"
#include "support/own_address.hpp"
#include "transport/raw_peer.hpp"

namespace vagus::testing {
namespace {

using transport::ring::RecordHeader;
using transport::ring::RecordKind;
using transport::ring::RingWriter;

/// A body, and a head that has greeted it and now does what it likes with its memory.
class ShmUnderAttack : public ::testing::Test {
 public:
  ShmUnderAttack() { end.start(body.accept()); }

  void plant(std::size_t offset, std::uint64_t word) {
    head.own.segment.memory().header_at(offset).store(word, std::memory_order_seq_cst);
  }
  void publish(RingWriter& writer, RecordKind kind, std::string_view text) {
    std::span<std::byte> bytes;
    ASSERT_EQ(writer.reserve(text.size(), bytes), RingWriter::Outcome::granted);
    std::memcpy(bytes.data(), text.data(), text.size());
    writer.publish(kind, text.size());
  }
  static void ring(transport::posix::FutexWord& bell) {
    bell.fetch_add(1);
    transport::posix::futex_wake(bell);
  }
  /// What the attacked side wrote about itself.
  const transport::ring::Control& attacked() { return *head.peer->segment.memory().control; }
  void expect_protocol_error(const std::string& text) {
    const ErrorPtr reason = end.observer.await_closed();
    EXPECT_EQ(reason->code(), ErrorCode::protocol) << reason->what();
    EXPECT_NE(std::string(reason->what()).find(text), std::string::npos) << reason->what();
    EXPECT_TRUE(lines.contains(text)) << "not logged";
    EXPECT_EQ(end.try_receive(), std::nullopt);
    Slot slot;
    EXPECT_EQ(end.link->try_claim(1, slot), ClaimStatus::closed);
  }

  LogLines lines;
  LoopThreads threads;
  const std::string url = fresh_url("shm");
  Body body{url, make_context(threads.loop(), lines.log())};
  GreetedPeer head{url, make_context(threads.loop(), lines.log())};
  End end;
};

TEST_F(ShmUnderAttack, ends_the_link_for_a_record_without_sense) {
  plant(0, ~0ull);
  EXPECT_EQ(end.try_receive(), std::nullopt);
  expect_protocol_error("a record of unknown kind");
}

TEST_F(ShmUnderAttack, ends_the_link_for_a_record_that_is_too_long) {
  plant(0, RecordHeader{RecordKind::message, 1 << 20}.word());
  EXPECT_EQ(end.try_receive(), std::nullopt);
  expect_protocol_error("longer than it may be");
}

TEST_F(ShmUnderAttack, ends_the_link_for_a_read_position_from_nowhere) {
  while (end.try_send("x")) {
  }
  head.control().consumed = 1ull << 40;
  EXPECT_FALSE(end.try_send("x"));
  expect_protocol_error("a read position");
}

TEST_F(ShmUnderAttack, is_told_of_once_however_often_the_offence_is_found) {
  plant(0, ~0ull);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(end.try_receive(), std::nullopt);
  expect_protocol_error("a record of unknown kind");
  EXPECT_LE(lines.count("broke the rules of shared memory"), 2);  // that it did, and that the link has ended
}

TEST_F(ShmUnderAttack, gives_what_came_before_the_offence) {
  RingWriter writer(head.own.segment.memory(), attacked());
  publish(writer, RecordKind::message, "x");
  plant(64, ~0ull);
  EXPECT_EQ(end.try_receive(), "x");
  EXPECT_EQ(end.try_receive(), std::nullopt);
  expect_protocol_error("a record of unknown kind");
}

TEST_F(ShmUnderAttack, leaves_the_links_of_others_alone) {
  End good;
  good.start(std::move(try_connect(url, make_context(threads.loop(), lines.log())).value()));
  End others;
  others.start(body.accept());
  plant(0, ~0ull);
  EXPECT_EQ(end.try_receive(), std::nullopt);
  expect_protocol_error("a record of unknown kind");
  good.send("x");
  EXPECT_EQ(others.receive(), "x");
}

TEST_F(ShmUnderAttack, never_waits_for_a_peer_that_stops_its_bell) {
  // The peer lets writes to its bell wait, fills it, and wants to be rung for each message.
  ASSERT_EQ(::fcntl(head.bell.get(), F_SETFL, O_NONBLOCK), 0);
  const std::array<char, 4096> noise{};
  while (::write(head.bell.get(), noise.data(), noise.size()) > 0) {
  }
  ASSERT_EQ(::fcntl(head.bell.get(), F_SETFL, 0), 0);
  for (std::uint64_t ticket = 1; ticket < 100; ++ticket) {
    head.control().record_ticket = ticket << 3 | 4;
    EXPECT_TRUE(end.try_send("x"));
  }
  end.link.reset();
}

TEST_F(ShmUnderAttack, is_not_killed_by_a_bell_that_nobody_reads) {
  head.bell.reset();
  head.own.bell.read_end.reset();
  head.control().record_ticket = 1 << 3 | 4;
  EXPECT_TRUE(end.try_send("x"));
  head.control().record_ticket = 2 << 3 | 4;
  EXPECT_TRUE(end.try_send("x"));
}

TEST_F(ShmUnderAttack, lets_a_bell_ring_in_vain) {
  EXPECT_TRUE(end.link->arm());
  const int own_bell = head.peer->bell.get();
  ASSERT_EQ(::write(own_bell, "rsrsxyz", 7), 7);
  end.observer.await_readable();
  EXPECT_EQ(end.try_receive(), std::nullopt);
  EXPECT_TRUE(end.link->arm());
  EXPECT_EQ(end.observer.writable(), 0);
}

// A peer that writes on after the end of the link -------------------------------------------------

TEST_F(ShmUnderAttack, takes_no_more_after_the_end_of_the_link_than_a_ring_holds) {
  RingWriter writer(head.own.segment.memory(), attacked());
  end.link->close(make_error<TransportFinishedError>("enough"));
  const std::size_t most = head.own.segment.memory().ring_bytes / transport::ring::record_alignment;
  std::size_t received = 0;
  do {
    publish(writer, RecordKind::message, "x");
  } while (end.try_receive() && ++received <= most);
  EXPECT_LE(received, most);
  EXPECT_TRUE(end.link->arm()) << "there is still something to receive";
}

TEST_F(ShmUnderAttack, takes_all_that_a_full_ring_held_at_the_end_of_the_link) {
  RingWriter writer(head.own.segment.memory(), attacked());
  for (int i = 0; i < 100; ++i) {
    publish(writer, RecordKind::message, "x");
    ASSERT_EQ(end.try_receive(), "x");
  }
  int sent = 0;
  std::span<std::byte> bytes;
  for (; writer.reserve(100, bytes) == RingWriter::Outcome::granted; ++sent) {
    std::memset(bytes.data(), 'x', bytes.size());
    writer.publish(RecordKind::message, bytes.size());
  }
  head.close();
  end.observer.await_closed();
  int received = 0;
  while (end.try_receive()) ++received;
  EXPECT_EQ(received, sent);
}

// Lies about who waits ----------------------------------------------------------------------------

TEST_F(ShmUnderAttack, rings_its_own_bells_once_for_whatever_ticket_it_is_shown) {
  head.control().record_ticket = ~0ull;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(end.try_send("x"));
  EXPECT_EQ(attacked().record_bell, 1u);
  EXPECT_EQ(attacked().space_bell, 1u);
  head.control().record_ticket = 1 << 3;  // wishes for no bell
  EXPECT_TRUE(end.try_send("x"));
  head.control().record_ticket = 0;
  EXPECT_TRUE(end.try_send("x"));
  EXPECT_EQ(attacked().record_bell, 1u);
}

TEST_F(ShmUnderAttack, rings_once_for_a_ticket_for_space_however_much_it_reads) {
  RingWriter writer(head.own.segment.memory(), attacked());
  head.control().space_ticket = ~0ull;
  for (int i = 0; i < 2000; ++i) {
    publish(writer, RecordKind::message, "x");
    ASSERT_EQ(end.try_receive(), "x");
  }
  EXPECT_EQ(attacked().record_bell, 1u);
  EXPECT_EQ(attacked().space_bell, 1u);
}

TEST_F(ShmUnderAttack, sleeps_on_while_a_futex_is_rung_in_vain) {
  auto received = std::async(std::launch::async, [this] { return end.receive(); });
  for (int i = 0; i < 1000; ++i) ring(head.control().record_bell);
  RingWriter writer(head.own.segment.memory(), attacked());
  publish(writer, RecordKind::message, "x");
  ring(head.control().record_bell);
  EXPECT_EQ(received.get(), "x");
}

TEST_F(ShmUnderAttack, is_woken_for_space_by_a_lie_and_finds_it) {
  while (end.try_send("x")) {
  }
  auto waiting = std::async(std::launch::async, [this] { end.link->wait_writable(Deadline::never()); });
  head.control().consumed = 1ull << 40;
  ring(head.control().space_bell);
  waiting.get();
  EXPECT_FALSE(end.try_send("x"));
  expect_protocol_error("a read position");
}

TEST_F(ShmUnderAttack, waits_no_longer_for_a_peer_that_lies_about_its_processor) {
  for (const std::uint32_t processor : {0u, 1u, ~0u}) {
    head.control().processor = processor;
    const auto deadline = Deadline::after(std::chrono::milliseconds(10));
    end.link->wait_readable(deadline);
    EXPECT_TRUE(deadline.passed());
  }
}

// Death in the midst of something -----------------------------------------------------------------

TEST_F(ShmUnderAttack, reads_nothing_of_a_record_that_was_never_finished) {
  RingWriter writer(head.own.segment.memory(), attacked());
  publish(writer, RecordKind::message, "x");
  std::span<std::byte> bytes;
  ASSERT_EQ(writer.reserve(1000, bytes), RingWriter::Outcome::granted);
  std::memset(bytes.data(), 0xff, bytes.size() / 2);
  head.close();
  end.observer.await_closed();
  EXPECT_EQ(end.receive(), "x");
  EXPECT_EQ(end.receive(), std::nullopt);
}

TEST_F(ShmUnderAttack, reads_nothing_of_a_large_message_of_which_parts_are_missing) {
  RingWriter writer(head.own.segment.memory(), attacked());
  const std::uint64_t size = 100'000;
  std::string first(sizeof size, '\0');
  std::memcpy(first.data(), &size, sizeof size);
  publish(writer, RecordKind::first_part, first + pattern(1000));
  publish(writer, RecordKind::next_part, pattern(1000));
  head.close();
  end.observer.await_closed();
  EXPECT_EQ(end.receive(), std::nullopt);
}

// The lifeline ------------------------------------------------------------------------------------

TEST_F(ShmUnderAttack, ends_the_link_for_a_datagram_without_sense) {
  head.send("noise");
  const ErrorPtr reason = end.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::protocol);
  EXPECT_TRUE(lines.contains("unknown datagram")) << "not logged";
}

TEST_F(ShmUnderAttack, ends_the_link_for_a_second_hello_and_closes_what_came_with_it) {
  head.send(transport::shm::encode_hello({}, 65536), {head.bell.get(), head.bell.get()});
  EXPECT_EQ(end.observer.await_closed()->code(), ErrorCode::protocol);
}

/// A connection one end of which takes nothing: whoever closes the other one, the last to have it, waits
/// until this object goes.
class StuckConnection {
 public:
  StuckConnection() {
    const RawPeer::Descriptor listening{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in at{};
    at.sin_family = AF_INET;
    ::inet_pton(AF_INET, own_loopback_address().c_str(), &at.sin_addr);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    const int little = 4096;
    check(::setsockopt(listening.get(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little), "SO_RCVBUF");
    check(::bind(listening.get(), address, size), "bind");
    check(::listen(listening.get(), 1), "listen");
    check(::getsockname(listening.get(), address, &size), "getsockname");
    check(::connect(end.get(), address, size), "connect");
    other_end_ = RawPeer::Descriptor{::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    check(other_end_.get(), "accept");
    const linger longer_than_any_test{1, 300};
    check(::setsockopt(end.get(), SOL_SOCKET, SO_LINGER, &longer_than_any_test, sizeof longer_than_any_test),
          "SO_LINGER");
    const std::array<char, 65536> bytes{};
    while (::send(end.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
  }

  RawPeer::Descriptor end{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

 private:
  static void check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  }

  RawPeer::Descriptor other_end_;
};

TEST_F(ShmUnderAttack, is_not_held_up_by_a_descriptor_that_takes_long_to_close) {
  StuckConnection stuck;
  // Both threads of the loop are kept until it is closed here, so that they close it last.
  Tally kept;
  const auto go_on = std::make_shared<Flag>();
  const AtExit in_any_case([&] { go_on->raise(); });
  for (int i = 0; i < 2; ++i) {
    threads.loop().post([&kept, go_on] {
      kept.add();
      go_on->await();
    });
  }
  ASSERT_TRUE(kept.await(2));
  head.send("noise", {stuck.end.get()});
  stuck.end.reset();
  go_on->raise();
  EXPECT_EQ(end.observer.await_closed()->code(), ErrorCode::protocol);
  end.link->stop();
}

TEST_F(ShmUnderAttack, takes_an_end_without_farewell_for_a_death) {
  head.close();
  const ErrorPtr reason = end.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(reason->what()).find("died"), std::string::npos) << reason->what();
}

TEST_F(ShmUnderAttack, shows_the_peer_its_memory_for_reading_only) {
  const auto memory = head.peer->segment.memory();
  auto* page = const_cast<transport::ring::Control*>(memory.control);
  EXPECT_EQ(::mprotect(page, 4096, PROT_READ | PROT_WRITE), -1);
  EXPECT_EQ(errno, EACCES);
}

}  // namespace
}  // namespace vagus::testing
