// Peers at a port of TLS that say what they ought not, half of it, or nothing at all; none disturbs another.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "support/tls/certificates.hpp"
#include "support/tls/own_certificate.hpp"
#include "tls/tls_peer.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {
namespace {

using namespace std::string_view_literals;

// [2, "x", []]
constexpr auto notification = "\x93\x02\xa1x\x90"sv;
// The beginning of the first record of TLS, which says that 512 bytes follow.
constexpr auto half_a_handshake = "\x16\x03\x01\x02\x00\x01\x00"sv;

std::string url(const std::string& options = "") {
  return "tls://127.0.0.1:0?" + own_tls_options() + options;
}

bool says(const ErrorPtr& error, std::string_view text) {
  return error != nullptr && std::string_view(error->what()).find(text) != std::string_view::npos;
}

class TlsPeers : public ::testing::Test {
 public:
  transport::TransportContext context() { return make_context(threads.loop(), lines.log()); }

  LogLines lines;
  LoopThreads threads;
};

/// A listener, a head that keeps to the rules, and a peer that may not.
class TlsListener : public TlsPeers {
 public:
  void SetUp() override {
    good.start(std::move(try_connect(listening.url(), context()).value()));
    good_end.start(listening.accept());
  }
  void TearDown() override {
    for (const char* text : {"x", "y"}) {
      good.send(text);
      EXPECT_EQ(good_end.receive(), text);
      good_end.send(text);
      EXPECT_EQ(good.receive(), text);
    }
    EXPECT_EQ(good.observer.closed() + good_end.observer.closed(), 0);
  }
  /// What the link comes to when the peer says this after its hello, and leaves or does not.
  ErrorPtr outcome_of(std::string_view bytes, bool leaves = false, bool says_so = true) {
    std::optional<TlsPeer> peer(listening.url());
    peer->say_hello();
    End end;
    end.start(listening.accept());
    if (!bytes.empty()) peer->send(bytes);
    if (leaves && says_so) peer->finish_writing();
    if (leaves) peer.reset();
    EXPECT_EQ(end.receive(), std::nullopt);
    return end.observer.await_closed();
  }

  Body listening{url(), context()};
  End good;
  End good_end;
};

TEST_F(TlsListener, turns_garbage_away) {
  for (const std::string_view garbage :
       {"\xc1\xc1\xc1\xc1"sv, "GET / HTTP/1.1\r\n\r\n"sv, "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"sv}) {
    TcpPeer peer(listening.url());
    peer.send(garbage);
    EXPECT_NE(peer.receive_all(), "");  // an alert
  }
  EXPECT_TRUE(lines.await("is turned away: it does not speak TLS"));
  EXPECT_EQ(lines.count("it does not speak TLS"), 3);
}

TEST_F(TlsListener, says_that_a_peer_left_within_the_handshake) {
  TcpPeer peer(listening.url());
  peer.send(half_a_handshake);
  peer.finish_writing();
  EXPECT_TRUE(lines.await("is turned away: it closed the connection before TLS was agreed on"));
}

TEST_F(TlsListener, says_little_of_who_only_looks_whether_it_is_there) {
  { TcpPeer peer(listening.url()); }
  EXPECT_TRUE(lines.await("connected, but it left before it said hello"));
  EXPECT_FALSE(lines.contains("is turned away"));
}

TEST_F(TlsListener, turns_away_what_is_no_message) {
  for (const std::string_view bytes : {"\xc1"sv, "\x94\x00\x01\xa6$hello\xc6\xff\xff\xff\xff"sv}) {
    TlsPeer peer(listening.url());
    peer.send(bytes);
    EXPECT_EQ(peer.receive_some(), "");
  }
  EXPECT_TRUE(lines.await("is turned away: what it sent is no message"));
}

TEST_F(TlsListener, ends_the_link_of_a_peer_that_announces_four_gibibytes) {
  const ErrorPtr reason = outcome_of("\x93\x02\xa1x\x91\xc6\xff\xff\xff\xff"sv);
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->code(), ErrorCode::protocol) << reason->what();
}

TEST_F(TlsListener, tells_a_peer_that_leaves_from_one_that_is_cut_off) {
  const ErrorPtr left = outcome_of("", true, true);
  EXPECT_EQ(left->code(), ErrorCode::transport_disconnected);
  EXPECT_FALSE(says(left, "cut")) << left->what();
  EXPECT_TRUE(lines.await("has ended: the peer"));
  const ErrorPtr cut = outcome_of("", true, false);
  EXPECT_EQ(cut->code(), ErrorCode::transport_disconnected);
}

TEST_F(TlsListener, says_that_a_peer_left_in_the_middle_of_a_message) {
  const ErrorPtr reason = outcome_of(notification.substr(0, 3), true);
  EXPECT_TRUE(says(reason, "in the middle of a message")) << (reason ? reason->what() : "none");
}

TEST_F(TlsListener, takes_a_message_that_comes_byte_by_byte_and_with_new_keys_for_each) {
  TlsPeer peer(listening.url());
  peer.say_hello();
  End end;
  end.start(listening.accept());
  for (const char byte : notification) {
    peer.send(std::string_view(&byte, 1));
    peer.change_keys();
  }
  EXPECT_TRUE(end.receive().has_value());
  end.send("answered with the new keys");
  EXPECT_NE(peer.receive_some(), "");
}

TEST_F(TlsListener, drops_a_peer_that_stops_within_the_handshake) {
  Body impatient{url("&hello=50ms"), context()};
  TcpPeer peer(impatient.url());
  peer.send(half_a_handshake);
  EXPECT_TRUE(lines.await("it has not finished the handshake in time"));
  EXPECT_EQ(peer.receive_all(), "");
}

TEST_F(TlsListener, drops_a_peer_that_says_nothing_after_the_handshake) {
  // Enough for a handshake, how slow the machine may be.
  for (int limit_ms = 100; limit_ms < 30'000 && !lines.contains("no hello came in time"); limit_ms *= 4) {
    Body impatient{url("&hello=" + std::to_string(limit_ms) + "ms"), context()};
    try {
      TlsPeer peer(impatient.url());
      EXPECT_EQ(peer.receive_some(), "");
    } catch (const std::runtime_error&) {
      continue;  // it was dropped before
    }
  }
  EXPECT_TRUE(lines.contains("no hello came in time"));
}

TEST_F(TlsListener, tells_a_head_of_tcp_to_take_tls) {
  const std::string place = listening.url().substr(3, listening.url().find('?') - 3);
  const auto link = try_connect("tcp" + place, context());
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error().code(), ErrorCode::protocol);
  EXPECT_TRUE(says(link.error_pointer(), "it speaks TLS: connect to it with tls://")) << link.error().what();
  EXPECT_TRUE(lines.await("it does not speak TLS; is it tcp:// at that end?"));
}

TEST_F(TlsPeers, are_told_that_a_listener_is_one_of_tcp) {
  Body listening("tcp://127.0.0.1:0", context());
  const auto link = try_connect("tls" + listening.url().substr(3) + "?" + own_tls_options(), context());
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error().code(), ErrorCode::protocol);
  EXPECT_TRUE(says(link.error_pointer(), "is it tcp:// at that end?")) << link.error().what();
  EXPECT_TRUE(lines.await("is turned away: it speaks TLS, and this listener does not"));
}

TEST_F(TlsPeers, are_always_told_why_they_are_turned_away) {
  const CertificateAuthority authority;
  Body listening(url("&client_certificate=required"), context());
  const std::string place = listening.url().substr(0, listening.url().find('?'));
  const std::string ca = own_tls_options().substr(0, own_tls_options().find('&'));
  for (int round = 0; round < 20; ++round) {
    // It has said its hello when it hears that.
    const auto link = try_connect(place + "?" + ca, context());
    ASSERT_FALSE(link.has_value());
    ASSERT_EQ(link.error().code(), ErrorCode::permission_denied) << link.error().what();
    ASSERT_TRUE(says(link.error_pointer(), "it wants a certificate of this side")) << link.error().what();
  }
  EXPECT_TRUE(lines.await("it shows no certificate, and has to"));
}

TEST_F(TlsPeers, give_up_a_server_that_says_nothing) {
  TcpServer server;
  const auto link = try_connect("tls://" + server.address() + "?" + own_tls_options(), context(),
                                Deadline::after(std::chrono::milliseconds(100)));
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error().code(), ErrorCode::connection_timeout) << link.error().what();
}

}  // namespace
}  // namespace vagus::testing
