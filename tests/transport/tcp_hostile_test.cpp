// Peers over TCP that say what they ought not, half of it, or nothing at all; none of them disturbs another.

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/wire/message.hpp>

#include "transport/link_ends.hpp"
#include "transport/tcp_peer.hpp"
#include "transport/turned_clock.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

// [2, "x", []]
constexpr auto notification = "\x93\x02\xa1x\x90"sv;

/// A listener, a head that keeps to the rules, and a peer that may not.
class TcpListener : public ::testing::Test {
 public:
  transport::TransportContext context() { return make_context(threads.loop(), lines.log()); }
  void SetUp() override {
    good.start(std::move(try_connect(listening.url(), context()).value()));
    good_end.start(listening.accept());
  }
  void expect_undisturbed() {
    for (const char* text : {"x", "y"}) {
      good.send(text);
      EXPECT_EQ(good_end.receive(), text);
      good_end.send(text);
      EXPECT_EQ(good.receive(), text);
    }
    EXPECT_EQ(good.observer.closed() + good_end.observer.closed(), 0);
  }
  /// The peer has a link; `end` is ours of it.
  void connect(End& end) {
    peer.say_hello();
    end.start(listening.accept());
  }
  /// What the link comes to when the peer says this after its hello.
  ErrorPtr outcome_of(std::string_view bytes, bool leaves = false) {
    End end;
    connect(end);
    peer.send(bytes);
    if (leaves) peer.finish_writing();
    EXPECT_EQ(end.receive(), std::nullopt);
    return end.observer.await_closed();
  }
  void expect_turned_away(std::string_view bytes, std::string_view why) {
    peer.send(bytes);
    EXPECT_TRUE(lines.await(why));
    EXPECT_EQ(peer.receive_all(), "");
    expect_undisturbed();
  }

  LogLines lines;
  LoopThreads threads;
  Body listening{"tcp://127.0.0.1:0", context()};
  End good;
  End good_end;
  TcpPeer peer{listening.url()};
};

bool says(const ErrorPtr& error, std::string_view text) {
  return error != nullptr && std::string_view(error->what()).find(text) != std::string_view::npos;
}

TEST_F(TcpListener, turns_garbage_away) {
  expect_turned_away("\xc1\xc1\xc1\xc1"sv, "is turned away: what it sent is no message");
}

TEST_F(TcpListener, turns_a_browser_away) {
  expect_turned_away("GET / HTTP/1.1\r\n\r\n"sv, "is turned away: what it sent is no message");
}

TEST_F(TcpListener, turns_away_an_array_that_is_no_message) {
  expect_turned_away("\x92\x01\x02"sv, "is turned away: its first message is none of MessagePack-RPC");
}

TEST_F(TcpListener, turns_away_who_announces_four_gibibytes_before_it_says_hello) {
  expect_turned_away("\x94\x00\x01\xa6$hello\xc6\xff\xff\xff\xff"sv,
                     "is turned away: what it sent is no message");
}

TEST_F(TcpListener, ends_the_link_of_a_peer_that_announces_four_gibibytes) {
  const ErrorPtr reason = outcome_of("\x93\x02\xa1x\x91\xc6\xff\xff\xff\xff"sv);
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->code(), ErrorCode::protocol) << reason->what();
  expect_undisturbed();
}

TEST_F(TcpListener, ends_the_link_of_a_peer_that_sends_garbage) {
  const ErrorPtr reason = outcome_of("\xc1"sv);
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->code(), ErrorCode::protocol) << reason->what();
  expect_undisturbed();
}

TEST_F(TcpListener, ends_the_link_of_a_peer_that_nests_too_deeply) {
  const ErrorPtr reason = outcome_of("\x93\x02\xa1x" + std::string(100'000, '\x91'));
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->code(), ErrorCode::protocol) << reason->what();
  expect_undisturbed();
}

TEST_F(TcpListener, says_that_a_peer_left_in_the_middle_of_a_message) {
  const ErrorPtr reason = outcome_of(notification.substr(0, 3), true);
  EXPECT_TRUE(says(reason, "in the middle of a message")) << (reason ? reason->what() : "none");
  expect_undisturbed();
}

TEST_F(TcpListener, gives_what_came_before_the_peer_left) {
  End end;
  connect(end);
  peer.send(std::string(notification) + std::string(notification));
  peer.finish_writing();
  ASSERT_TRUE(end.receive().has_value());
  ASSERT_TRUE(end.receive().has_value());
  EXPECT_EQ(end.receive(), std::nullopt);
  EXPECT_EQ(end.observer.await_closed()->code(), ErrorCode::transport_disconnected);
}

TEST_F(TcpListener, takes_a_message_that_comes_byte_by_byte) {
  End end;
  connect(end);
  for (const char byte : notification) peer.send(std::string_view(&byte, 1));
  EXPECT_TRUE(end.receive().has_value());
  expect_undisturbed();
}

TEST_F(TcpListener, takes_a_peer_that_says_no_hello_for_a_plain_one_and_loses_nothing_of_it) {
  peer.send(notification);
  const auto link = listening.accept();
  EXPECT_EQ(link->peer_hello().version, 0u);
  EXPECT_EQ(link->peer_credentials().address, "127.0.0.1");
  const auto first = link->try_receive();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(first->data()), first->size()), notification);
  link->release();
  expect_undisturbed();
}

TEST_F(TcpListener, says_who_is_there_when_its_port_is_asked_for_again) {
  const auto again = [&] {
    transport::TransportRegistry::builtin().find("tcp")->listen(Url::parse(listening.url()), context(),
                                                                [](std::unique_ptr<Link>) {});
  };
  try {
    again();
    ADD_FAILURE() << "two listen there";
  } catch (const TransportDisconnectedError& error) {
    EXPECT_NE(std::string(error.what()).find("taken"), std::string::npos) << error.what();
  }
}

/// A listener that waits for nobody for long.
class ImpatientTcpListener : public ::testing::Test {
 public:
  transport::TransportContext context() { return make_context(threads.loop(), lines.log()); }
  LogLines lines;
  LoopThreads threads;
};

TEST_F(ImpatientTcpListener, drops_a_peer_that_stops_within_its_first_message) {
  const Body listening{"tcp://127.0.0.1:0?hello=50ms", context()};
  TcpPeer peer(listening.url().substr(0, listening.url().find('?')));
  peer.send(notification.substr(0, 2));
  EXPECT_TRUE(lines.await("only 2 bytes of its first message came in time"));
  EXPECT_EQ(peer.receive_all(), "");
}

TEST_F(ImpatientTcpListener, drops_a_peer_that_says_nothing) {
  const Body listening{"tcp://127.0.0.1:0?hello=50ms", context()};
  TcpPeer peer(listening.url().substr(0, listening.url().find('?')));
  EXPECT_TRUE(lines.await("no hello came in time"));
  EXPECT_EQ(peer.receive_all(), "");
}

TEST_F(ImpatientTcpListener, ends_a_link_over_which_nothing_comes) {
  Body listening{"tcp://127.0.0.1:0?idle=50ms", context()};
  TcpPeer peer(listening.url().substr(0, listening.url().find('?')));
  peer.say_hello();
  End end;
  end.start(listening.accept());
  EXPECT_TRUE(says(end.observer.await_closed(), "has said nothing for"));
}

TEST_F(ImpatientTcpListener, ends_a_link_whose_peer_answers_no_ping) {
  Body listening{"tcp://127.0.0.1:0?keep_alive=50ms", context()};
  TcpPeer peer(listening.url().substr(0, listening.url().find('?')));
  peer.say_hello();
  End end;
  end.start(listening.accept());
  EXPECT_NE(peer.receive_all().find("$ping"), std::string::npos);
  EXPECT_TRUE(says(end.observer.await_closed(), "has not answered a ping"));
}

class TcpHead : public ImpatientTcpListener {};

TEST_F(TcpHead, is_told_that_a_name_does_not_resolve) {
  const auto link = try_connect("tcp://no.such.name.invalid:4000", context());
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error_pointer()->code(), ErrorCode::transport_disconnected);
  EXPECT_TRUE(says(link.error_pointer(), "no.such.name.invalid")) << link.error_pointer()->what();
}

TEST_F(TcpHead, is_told_that_nobody_listens) {
  std::string address;
  {
    const TcpServer gone;
    address = gone.address();
  }
  const auto link = try_connect("tcp://" + address, context());
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error_pointer()->code(), ErrorCode::transport_disconnected) << link.error_pointer()->what();
}

class TcpHeadByTurnedClock : public WithTurnedClock, public TcpHead {};

TEST_F(TcpHeadByTurnedClock, waits_for_a_hello_until_its_deadline_by_that_clock) {
  TcpServer server;
  auto connecting = std::async(std::launch::async, [&] {
    return try_connect("tcp://" + server.address(), context(), Deadline::after(5s));
  });
  TcpPeer peer = server.accept();
  EXPECT_NE(peer.receive_some(), "");
  EXPECT_EQ(connecting.wait_for(50ms), std::future_status::timeout);
  clock.turn(5s);
  const auto link = connecting.get();
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error().code(), ErrorCode::connection_timeout) << link.error().what();
}

TEST_F(TcpHead, is_told_to_say_msgpack_to_a_server_that_knows_no_hello) {
  TcpServer server;
  std::thread serving([&] {
    TcpPeer peer = server.accept();
    peer.receive_some();
    peer.send("\x94\x01\x01\xb2no such procedure\xc0"sv.substr(0, 3));
    peer.send("\xb1no such procedure\xc0"sv);
    peer.receive_all();
  });
  const auto link = try_connect("tcp://" + server.address(), context());
  serving.join();
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error_pointer()->code(), ErrorCode::protocol);
  EXPECT_TRUE(says(link.error_pointer(), "msgpack+")) << link.error_pointer()->what();
}

TEST_F(TcpHead, sends_nothing_by_itself_to_a_plain_server) {
  TcpServer server;
  End end;
  end.start(std::move(try_connect("msgpack+tcp://" + server.address(), context()).value()));
  EXPECT_EQ(end.link->peer_hello().version, 0u);
  TcpPeer peer = server.accept();
  peer.send(notification);
  EXPECT_TRUE(end.receive().has_value());
  end.link->close(make_error<TransportFinishedError>("enough"));
  EXPECT_EQ(peer.receive_all(), "");
}

}  // namespace
}  // namespace vagus::testing
