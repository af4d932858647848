// Peers over UDP that say what they ought not, too much, or nothing at all; none of them disturbs another.

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "transport/link_ends.hpp"
#include "transport/turned_clock.hpp"
#include "transport/udp_peer.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;
using transport::datagram::encode_question;
using transport::datagram::Frame;
using transport::datagram::FrameKind;
using transport::datagram::min_question;

std::string text_of(const Bytes& message) {
  return {reinterpret_cast<const char*>(message.data()), message.size()};
}

/// A listener, a head that keeps to the rules, and a peer that may not.
class UdpListener : public ::testing::Test {
 public:
  transport::TransportContext context() { return make_context(threads.loop(), lines.log()); }
  void SetUp() override {
    good.start(std::move(try_connect(listening.url(), context()).value()));
    good_end.start(listening.accept());
    peer.talk_to(listening.url());
  }
  void expect_undisturbed() {
    for (const char* text : {"x", "y"}) {
      const std::string message = text_of(note(text));
      good.send(message);
      EXPECT_EQ(good_end.receive(), message);
      good_end.send(message);
      EXPECT_EQ(good.receive(), message);
    }
    EXPECT_EQ(good.observer.closed() + good_end.observer.closed(), 0);
  }
  /// The peer has a link; `end` is ours of it. The peer's own number of it is 7.
  void connect(End& end) {
    number = peer.say_hello(7).link;
    peer.send({FrameKind::ping, number, 0, 0});
    EXPECT_TRUE(peer.await_frame(FrameKind::pong));
    end.start(listening.accept());
  }

  LogLines lines;
  LoopThreads threads;
  Body listening{"udp://127.0.0.1:0", context()};
  End good;
  End good_end;
  UdpPeer peer;
  std::uint64_t number = 0;
};

TEST_F(UdpListener, drops_garbage_and_says_so_once) {
  std::mt19937 random(1);
  peer.send(std::string());
  peer.send(std::string("\xc1", 1));
  peer.send(std::string("\xc1\x09", 2) + std::string(18, 'x'));
  peer.send(std::string(65'507, '\xff'));
  for (int i = 0; i < 200; ++i) {
    std::string garbage(random() % 300, '\0');
    for (char& c : garbage) c = static_cast<char>(random());
    peer.send(garbage);
  }
  EXPECT_TRUE(lines.await("is dropped: "));
  expect_undisturbed();
  EXPECT_EQ(lines.count("is dropped: "), 1);
}

TEST_F(UdpListener, drops_a_datagram_that_was_cut_short_and_takes_the_next) {
  End end;
  connect(end);
  Bytes cut = note("a message that is cut short on its way");
  cut.resize(cut.size() / 2);
  peer.send({FrameKind::message, number, 1, 0}, cut);
  peer.send({FrameKind::message, number, 2, 0}, note("the next"));
  EXPECT_EQ(end.receive(), text_of(note("the next")));
  EXPECT_EQ(lines.count("is dropped: it is no message"), 1);
  EXPECT_EQ(end.observer.closed(), 0);
  expect_undisturbed();
}

TEST_F(UdpListener, gives_a_message_that_came_twice_once_and_one_that_came_late_not_at_all) {
  End end;
  connect(end);
  peer.send({FrameKind::message, number, 1, 0}, note("1"));
  peer.send({FrameKind::message, number, 1, 0}, note("1"));
  peer.send({FrameKind::message, number, 3, 0}, note("3"));
  peer.send({FrameKind::message, number, 2, 0}, note("2"));
  peer.send({FrameKind::message, number, 4, 0}, note("4"));
  EXPECT_EQ(end.receive(), text_of(note("1")));
  EXPECT_EQ(end.receive(), text_of(note("3")));
  EXPECT_EQ(end.receive(), text_of(note("4")));
  EXPECT_EQ(end.try_receive(), std::nullopt);
}

TEST_F(UdpListener, acknowledges_what_is_reliable_and_repeats_its_own_until_it_is_acknowledged) {
  End end;
  connect(end);
  peer.send({FrameKind::reliable, number, 0, 1}, note("told", "$interest"));
  const auto acknowledged = peer.await_frame(FrameKind::acknowledgement);
  ASSERT_TRUE(acknowledged);
  EXPECT_EQ(acknowledged->link, 7u);
  EXPECT_EQ(acknowledged->reliable, 1u);
  EXPECT_EQ(end.receive(), text_of(note("told", "$interest")));

  end.send(text_of(note("told", "$interest")));
  for (int times = 0; times < 3; ++times) {
    const auto told = peer.await_frame(FrameKind::reliable);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->reliable, 1u);
  }
  peer.send({FrameKind::acknowledgement, number, 0, 1});
  end.send(text_of(note("after it")));
  const auto after = peer.await_frame(FrameKind::message);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->reliable, 1u);
}

TEST_F(UdpListener, makes_no_link_of_a_hello_that_is_not_followed_by_what_only_its_sender_can_know) {
  for (std::uint64_t link = 1; link <= 600; ++link) {
    // As from so many addresses that somebody else has.
    UdpPeer spoofed;
    spoofed.talk_to(listening.url());
    spoofed.send(encode_question(UdpPeer::hello(wire::Role::head), link));
    if (link % 100 == 0) expect_undisturbed();
  }
  expect_undisturbed();
  End other;
  other.start(std::move(try_connect(listening.url(), context()).value()));
  const auto accepted = listening.accept();
  EXPECT_NE(accepted->peer_hello().name, "raw") << "a link was made of a mere hello";
}

TEST_F(UdpListener, never_answers_with_more_than_it_was_asked) {
  const Bytes question = encode_question(UdpPeer::hello(wire::Role::head), 9);
  EXPECT_GE(question.size(), min_question);
  peer.send(question);
  const auto answer = peer.receive();
  ASSERT_TRUE(answer);
  EXPECT_LE(answer->size(), question.size());
  // A hello without the padding, as short as it can be: there is no answer, or one that is no longer.
  const Bytes bare = wire::written([](wire::Writer& writer) {
    wire::begin_request(writer, 1, "$hello", false);
    writer.array(1);
    writer.map(3);
    writer.str("version");
    writer.unsigned_integer(1);
    writer.str("role");
    writer.str("head");
    writer.str("link");
    writer.unsigned_integer(10);
  });
  peer.send(bare);
  peer.send({FrameKind::ping, 4711, 0, 0});
  const auto next = peer.receive();
  ASSERT_TRUE(next);
  EXPECT_LE(next->size(), bare.size());
  EXPECT_TRUE(lines.await("never longer"));
}

TEST_F(UdpListener, answers_a_hello_that_comes_again_in_the_same_way_until_it_was_used) {
  const auto first = peer.say_hello(9);
  const auto again = peer.say_hello(9);
  EXPECT_EQ(first.link, again.link);
  EXPECT_EQ(again.peer_link, 9u);
}

TEST_F(UdpListener, says_to_whom_it_does_not_know_that_it_knows_no_such_link) {
  peer.send({FrameKind::message, 4711, 1, 0}, note("x"));
  const auto datagram = peer.receive();
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->size(), Frame::size);
  const auto frame = transport::datagram::read_frame(*datagram);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->kind, FrameKind::unknown_link);
  EXPECT_EQ(frame->link, 4711u);
}

TEST_F(UdpListener, takes_nothing_for_a_link_from_who_does_not_know_its_number) {
  End end;
  connect(end);
  for (const auto kind : {FrameKind::message, FrameKind::bye, FrameKind::unknown_link}) {
    peer.send({kind, number + 1, 1, 0}, note("forged"));
  }
  peer.send({FrameKind::message, number, 1, 0}, note("true"));
  EXPECT_EQ(end.receive(), text_of(note("true")));
  EXPECT_EQ(end.observer.closed(), 0);
}

TEST_F(UdpListener, notices_a_peer_that_was_started_anew_at_the_same_address) {
  End end;
  connect(end);
  const auto answer = peer.say_hello(8);
  EXPECT_NE(answer.link, number);
  EXPECT_EQ(end.observer.closed(), 0) << "a hello alone ends nothing: anybody could have sent it";
  peer.send({FrameKind::ping, answer.link, 0, 0});
  const ErrorPtr reason = end.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(reason->what()).find("begun anew"), std::string::npos) << reason->what();
  End next;
  next.start(listening.accept());
  peer.send({FrameKind::message, answer.link, 1, 0}, note("new"));
  EXPECT_EQ(next.receive(), text_of(note("new")));
}

TEST_F(UdpListener, notices_that_the_socket_of_a_peer_is_gone_when_it_sends_to_it) {
  End end;
  connect(end);
  peer.close();
  end.send(text_of(note("anybody there?")));
  const ErrorPtr reason = end.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(reason->what()).find("refuses"), std::string::npos) << reason->what();
  expect_undisturbed();
}

TEST_F(UdpListener, drops_a_message_that_is_larger_than_it_takes) {
  auto small = context();
  small.limits.message_size = small.hello.max_message_size = 1'000;
  Body at("udp://127.0.0.1:0", small);
  peer.talk_to(at.url());
  End end;
  number = peer.say_hello(7).link;
  peer.send({FrameKind::message, number, 1, 0}, note(std::string(1'000, 'x')));
  peer.send({FrameKind::message, number, 2, 0}, note("fits"));
  end.start(at.accept());
  EXPECT_EQ(end.receive(), text_of(note("fits")));
  EXPECT_TRUE(lines.contains("larger than this side takes"));
}

TEST_F(UdpListener, takes_who_says_no_hello_for_a_plain_peer) {
  const Bytes request = wire::written([](wire::Writer& writer) {
    wire::begin_request(writer, 5, "add", false);
    writer.array(0);
  });
  peer.send(request);
  End end;
  end.start(listening.accept());
  EXPECT_EQ(end.link->peer_hello().version, 0u);
  EXPECT_EQ(end.link->max_message_size(), 65'507u);
  EXPECT_EQ(end.receive(), text_of(request));
  end.send(text_of(note("bare")));
  EXPECT_EQ(peer.receive(), note("bare")) << "no frame stands before what a plain peer gets";
  peer.send(std::string("\xff garbage"));
  peer.send(request);
  EXPECT_EQ(end.receive(), text_of(request));
  EXPECT_EQ(end.observer.closed(), 0);
  expect_undisturbed();
}

TEST_F(UdpListener, makes_no_plain_peer_of_who_sends_a_response_or_what_is_for_others) {
  peer.send(wire::written([](wire::Writer& writer) {
    wire::begin_response(writer, 5);
    writer.nil();
    writer.nil();
  }));
  peer.send(note("x", "$interest"));
  EXPECT_TRUE(lines.await("is dropped: "));
  expect_undisturbed();
  End other;
  other.start(std::move(try_connect(listening.url(), context()).value()));
  EXPECT_EQ(listening.accept()->peer_hello().version, 1u);
}

/// A listener whose link to a peer goes by a clock that the test turns.
class UdpListenerByTurnedClock : public WithTurnedClock, public ::testing::Test {
 public:
  void connect(const std::string& options) {
    listening.emplace("udp://127.0.0.1:0" + options, make_context(threads.loop(), lines.log()));
    peer.talk_to(listening->url());
    peer.send({FrameKind::ping, peer.say_hello(7).link, 0, 0});
    ASSERT_TRUE(peer.await_frame(FrameKind::pong));
    end.start(listening->accept());
  }
  void expect_ping_after(Duration silence) {
    clock.turn(silence);
    ASSERT_TRUE(peer.await_frame(FrameKind::ping));
  }

  LogLines lines;
  LoopThreads threads;
  std::optional<Body> listening;
  UdpPeer peer;
  End end;
};

TEST_F(UdpListenerByTurnedClock, takes_a_peer_for_gone_when_the_timeout_is_over) {
  ASSERT_NO_FATAL_FAILURE(connect("?keep_alive=1s&timeout=3s"));
  ASSERT_NO_FATAL_FAILURE(expect_ping_after(1s));
  ASSERT_NO_FATAL_FAILURE(expect_ping_after(1s));
  clock.turn(1s);
  const ErrorPtr reason = end.observer.await_closed();
  EXPECT_NE(std::string(reason->what()).find("for 3000 ms, 2 pings included"), std::string::npos)
      << reason->what();
}

TEST_F(UdpListenerByTurnedClock, takes_no_peer_for_gone_before_a_timeout_that_is_no_multiple_of_keep_alive) {
  ASSERT_NO_FATAL_FAILURE(connect("?keep_alive=2s&timeout=5s"));
  ASSERT_NO_FATAL_FAILURE(expect_ping_after(2s));
  ASSERT_NO_FATAL_FAILURE(expect_ping_after(2s));
  clock.turn(2s);
  const ErrorPtr reason = end.observer.await_closed();
  EXPECT_NE(std::string(reason->what()).find("for 6000 ms, 2 pings included"), std::string::npos)
      << reason->what();
}

TEST_F(UdpListenerByTurnedClock, gives_a_ping_its_time_before_it_takes_a_peer_for_gone) {
  ASSERT_NO_FATAL_FAILURE(connect("?keep_alive=1s&timeout=1s"));
  ASSERT_NO_FATAL_FAILURE(expect_ping_after(1s));
  clock.turn(1s);
  end.observer.await_closed();
}

TEST_F(UdpListenerByTurnedClock, waits_as_long_as_it_is_told_to_however_long_that_is) {
  ASSERT_NO_FATAL_FAILURE(connect("?keep_alive=1s&timeout=1000000h"));
  for (int times = 0; times < 3; ++times) ASSERT_NO_FATAL_FAILURE(expect_ping_after(1s));
  EXPECT_EQ(end.observer.closed(), 0);
}

/// What a head makes of a listener without manners.
class UdpHead : public ::testing::Test {
 public:
  transport::TransportContext context() { return make_context(threads.loop(), lines.log()); }
  using Outcome = Result<std::unique_ptr<Link>>;
  std::future<Outcome> begin(const std::string& options = "", Duration time = ample_time) {
    return begin_at(peer.url() + options, time);
  }
  std::future<Outcome> begin_at(const std::string& url, Duration time = ample_time) {
    return std::async(std::launch::async,
                      [=, this] { return try_connect(url, context(), Deadline::after(time)); });
  }
  std::string url_by_name() const { return "udp://localhost:" + std::to_string(peer.port()); }

  LogLines lines;
  LoopThreads threads;
  UdpPeer peer;
};

TEST_F(UdpHead, says_hello_again_until_it_is_answered) {
  auto connecting = begin();
  for (int times = 0; times < 3; ++times) ASSERT_TRUE(peer.receive());
  peer.answer_hello(7);
  auto outcome = connecting.get();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome.value()->peer_hello().name, "raw");
  EXPECT_EQ(peer.await_frame(FrameKind::ping)->link, 7u);
}

class UdpHeadByTurnedClock : public WithTurnedClock, public UdpHead {};

TEST_F(UdpHeadByTurnedClock, says_hello_again_only_as_time_passes) {
  auto connecting = begin();
  ASSERT_TRUE(peer.receive());
  EXPECT_FALSE(peer.receive(50ms));
  clock.turn(1s);
  peer.answer_hello(7);
  EXPECT_TRUE(connecting.get().has_value());
}

TEST_F(UdpHeadByTurnedClock, comes_back_to_an_address_that_is_only_slow_when_the_other_one_refuses) {
  auto connecting = begin_at(url_by_name());
  ASSERT_TRUE(peer.receive());
  clock.turn(1s);  // now [::1] is asked, where nobody listens
  peer.answer_hello(7);
  EXPECT_TRUE(connecting.get().has_value());
}

TEST_F(UdpHead, says_at_once_that_nobody_listens_at_any_address_of_a_name) {
  const std::string url = url_by_name();
  peer.close();
  const auto outcome = begin_at(url).get();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(outcome.error().what()).find("nobody listens at " + url), std::string::npos)
      << outcome.error().what();
}

TEST_F(UdpHead, gives_up_at_its_deadline) {
  const auto outcome = begin("", 100ms).get();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code(), ErrorCode::connection_timeout) << outcome.error().what();
}

TEST_F(UdpHead, takes_no_answer_that_was_made_without_seeing_the_hello) {
  auto connecting = begin("", 200ms);
  ASSERT_TRUE(peer.receive());
  peer.send(transport::datagram::encode_answer(1, {UdpPeer::hello(wire::Role::body), 7, 4711}));
  peer.send(std::string("garbage"));
  EXPECT_EQ(connecting.get().error().code(), ErrorCode::connection_timeout);
}

TEST_F(UdpHead, says_why_it_was_refused) {
  auto connecting = begin();
  ASSERT_TRUE(peer.receive());
  peer.send(transport::datagram::encode_refusal(1, PermissionDeniedError("not you\x1b[31m"), 1'200));
  const auto outcome = connecting.get();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code(), ErrorCode::permission_denied);
  EXPECT_NE(std::string(outcome.error().what()).find("not you?[31m"), std::string::npos)
      << outcome.error().what();
}

TEST_F(UdpHead, says_that_an_answer_is_none) {
  auto connecting = begin();
  ASSERT_TRUE(peer.receive());
  peer.send(wire::written([](wire::Writer& writer) {
    wire::begin_response(writer, 1);
    writer.nil();
    writer.str("hello yourself");
  }));
  EXPECT_EQ(connecting.get().error().code(), ErrorCode::protocol);
}

TEST_F(UdpHead, asks_a_silent_peer_whether_it_is_there_and_then_takes_it_for_gone) {
  auto connecting = begin("?keep_alive=20ms&timeout=100ms");
  peer.answer_hello(7);
  End head;
  head.start(std::move(connecting.get().value()));
  for (int times = 0; times < 3; ++times) ASSERT_TRUE(peer.await_frame(FrameKind::ping));
  const ErrorPtr reason = head.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(reason->what()).find("nothing has been heard"), std::string::npos) << reason->what();
}

TEST_F(UdpHead, ends_when_the_peer_does_not_know_the_link_any_more) {
  auto connecting = begin();
  const auto question = peer.answer_hello(7);
  End head;
  head.start(std::move(connecting.get().value()));
  peer.send({FrameKind::unknown_link, 4711, 0, 0});  // whoever guesses
  EXPECT_EQ(head.observer.closed(), 0);
  peer.send({FrameKind::unknown_link, 7, 0, 0});
  EXPECT_EQ(head.observer.await_closed()->code(), ErrorCode::transport_disconnected);
}

TEST_F(UdpHead, sends_bare_messages_to_a_plain_server_and_nothing_by_itself) {
  const std::string url = "msgpack+" + peer.url();
  End head;
  head.start(std::move(try_connect(url, context()).value()));
  EXPECT_EQ(head.link->peer_hello().version, 0u);
  head.send(text_of(note("first")));
  EXPECT_EQ(peer.receive(), note("first"));
  peer.send(note("back"));
  EXPECT_EQ(head.receive(), text_of(note("back")));
}

}  // namespace
}  // namespace vagus::testing
