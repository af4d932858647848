// Links over UDP between two that keep to the rules.

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "transport/link_ends.hpp"
#include "transport/udp_peer.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t largest = 65'507 - 20;

std::string text_of(const Bytes& message) {
  return {reinterpret_cast<const char*>(message.data()), message.size()};
}

/// A valid message of just this size.
std::string message_of(std::size_t size, unsigned seed = 0) {
  for (std::size_t length = size; length-- > 0;) {
    Bytes message = note(pattern(length, seed));
    if (message.size() == size) return text_of(message);
    if (message.size() > size + 16) length -= message.size() - size - 8;
  }
  throw std::logic_error("no message has " + std::to_string(size) + " bytes");
}

class UdpLink : public ::testing::TestWithParam<const char*> {
 public:
  transport::TransportContext context(std::string name = "") {
    return make_context(threads.loop(), lines.log(), std::move(name));
  }
  std::string any_port(const std::string& options = "") const { return GetParam() + (":0" + options); }
  void connect(std::size_t head_limit = 64u << 20, std::size_t body_limit = 64u << 20) {
    auto head_context = context("head");
    head_context.limits.message_size = head_context.hello.max_message_size = head_limit;
    auto body_context = context("body");
    body_context.limits.message_size = body_context.hello.max_message_size = body_limit;
    listening.emplace(any_port(), body_context);
    head.start(std::move(try_connect(listening->url(), head_context).value()));
    body.start(listening->accept());
  }
  void expect_message(End& from, End& to, const std::string& text) {
    const std::string message = text_of(note(text));
    from.send(message);
    EXPECT_EQ(to.receive(), message);
  }

  LogLines lines;
  LoopThreads threads;
  std::optional<Body> listening;
  End head;
  End body;
};
INSTANTIATE_TEST_SUITE_P(Over, UdpLink,
                         ::testing::Values("udp://127.0.0.1", "udp://[::1]", "udp://localhost"),
                         [](const auto& kind) {
                           const std::string url = kind.param;
                           return url.find('[') != std::string::npos       ? "IPv6"
                                  : url.find("local") != std::string::npos ? "Name"
                                                                           : "IPv4";
                         });

TEST_P(UdpLink, tells_each_end_who_the_other_is_and_what_it_can_do) {
  auto body_context = context("the body");
  body_context.hello.role = wire::Role::body;
  body_context.hello.incarnation = 77;
  auto head_context = context("the head");
  head_context.hello.incarnation = 78;
  Body at(any_port(), body_context);
  head.start(std::move(try_connect(at.url(), head_context).value()));
  body.start(at.accept());
  EXPECT_EQ(head.link->peer_hello(), body_context.hello);
  EXPECT_EQ(body.link->peer_hello(), head_context.hello);
  for (const End* end : {&head, &body}) {
    EXPECT_EQ(end->link->peer_credentials().process_id, -1);
    EXPECT_FALSE(end->link->traits().sees_death);
    EXPECT_FALSE(end->link->traits().reliable);
    EXPECT_EQ(end->link->traits().largest_message, largest);
    EXPECT_EQ(end->link->max_message_size(), largest);
  }
}

TEST_P(UdpLink, carries_messages_of_all_sizes_both_ways_in_order) {
  connect();
  for (const std::size_t size :
       {std::size_t{9}, std::size_t{100}, std::size_t{1'400}, std::size_t{1'500}, std::size_t{8'191},
        std::size_t{8'192}, std::size_t{8'193}, std::size_t{30'000}, largest}) {
    const std::string message = message_of(size, static_cast<unsigned>(size));
    head.send(message);
    body.send(message);
    EXPECT_TRUE(body.receive() == message) << size;
    EXPECT_TRUE(head.receive() == message) << size;
  }
}

TEST_P(UdpLink, refuses_what_no_datagram_holds_and_what_either_end_does_not_take) {
  connect();
  Slot slot;
  EXPECT_EQ(head.link->try_claim(largest + 1, slot), ClaimStatus::too_large);
  EXPECT_EQ(head.link->try_claim(largest, slot), ClaimStatus::claimed);
  head.link->abandon(slot);
  connect(5'000, 60'000);
  EXPECT_EQ(head.link->max_message_size(), 5'000u);
  EXPECT_EQ(body.link->max_message_size(), 5'000u);
}

TEST_P(UdpLink, says_at_once_that_nobody_listens) {
  std::string url;
  {
    Body gone(any_port(), context());
    url = gone.url();
  }
  const auto result = try_connect(url, context());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(result.error().what()).find("nobody listens at " + url), std::string::npos)
      << result.error().what();
}

TEST_P(UdpLink, is_refused_to_a_second_listener_of_one_address) {
  Body first(any_port(), context());
  try {
    Body second(first.url(), context());
    FAIL() << "two listen at " << first.url();
  } catch (const TransportDisconnectedError& error) {
    EXPECT_NE(std::string(error.what()).find("is taken"), std::string::npos) << error.what();
  }
}

TEST_P(UdpLink, leaves_open_links_alone_when_the_listener_goes) {
  connect();
  const std::string url = listening->url();
  listening.reset();
  expect_message(head, body, "x");
  expect_message(body, head, "y");
  auto brief = Deadline::after(300ms);
  const auto result = try_connect(url, context(), brief);
  EXPECT_FALSE(result.has_value());
}

TEST_P(UdpLink, gives_each_head_a_link_of_its_own) {
  Body at(any_port(), context());
  std::vector<std::unique_ptr<End>> heads;
  std::vector<std::unique_ptr<End>> bodies;
  for (int i = 0; i < 20; ++i) {
    heads.push_back(std::make_unique<End>());
    heads.back()->start(std::move(try_connect(at.url(), context()).value()));
    bodies.push_back(std::make_unique<End>());
    bodies.back()->start(at.accept());
  }
  for (std::size_t i = 0; i < 20; ++i) expect_message(*heads[i], *bodies[i], std::to_string(i));
  for (std::size_t i = 0; i < 20; ++i) expect_message(*bodies[i], *heads[i], std::to_string(i));
}

TEST_P(UdpLink, lets_threads_wait_at_several_links_of_one_socket_each_for_its_own) {
  Body at(any_port(), context());
  constexpr std::size_t count = 4;
  std::vector<std::unique_ptr<End>> heads;
  std::vector<std::unique_ptr<End>> bodies;
  for (std::size_t i = 0; i < count; ++i) {
    heads.push_back(std::make_unique<End>());
    heads.back()->start(std::move(try_connect(at.url(), context()).value()));
    bodies.push_back(std::make_unique<End>());
    bodies.back()->start(at.accept());
  }
  std::vector<std::thread> echoing;
  for (std::size_t i = 0; i < count; ++i) {
    echoing.emplace_back([&end = *bodies[i]] {
      for (int round = 0; round < 200; ++round) {
        if (const auto message = end.receive()) end.send(*message);
      }
    });
  }
  std::vector<std::thread> asking;
  for (std::size_t i = 0; i < count; ++i) {
    asking.emplace_back([i, &end = *heads[i]] {
      for (int round = 0; round < 200; ++round) {
        const std::string message = text_of(note(std::to_string(i) + "." + std::to_string(round)));
        end.send(message);
        EXPECT_EQ(end.receive(), message);
      }
    });
  }
  for (auto& thread : asking) thread.join();
  for (auto& thread : echoing) thread.join();
}

TEST_P(UdpLink, waits_for_a_message_until_the_deadline_a_message_or_an_interrupt) {
  connect();
  const auto deadline = Deadline::after(20ms);
  body.link->wait_readable(deadline);
  EXPECT_TRUE(deadline.passed());
  const std::string message = text_of(note("x"));
  for (int i = 0; i < 50; ++i) {
    auto received = std::async(std::launch::async, [&] { return body.receive(Deadline::never()); });
    if (i % 2 == 0) received.wait_for(1ms);
    head.send(message);
    EXPECT_EQ(received.get(), message);
    auto waiting = std::async(std::launch::async, [&] { body.link->wait_readable(Deadline::never()); });
    if (i % 2 == 0) waiting.wait_for(1ms);
    body.link->interrupt();
    waiting.get();
  }
  body.link->interrupt();
  body.link->wait_readable(Deadline::never());
}

TEST_P(UdpLink, is_read_by_the_event_loop_once_it_is_armed) {
  connect();
  const std::string message = text_of(note("x"));
  EXPECT_TRUE(body.link->arm());
  head.send(message);
  body.observer.await_readable();
  EXPECT_EQ(body.try_receive(), message);
  head.send(message);  // not armed again: nobody is called
  EXPECT_EQ(body.receive(), message);
  EXPECT_EQ(body.observer.readable(), 1);
  head.send(message);
  body.link->wait_readable(Deadline::after(ample_time));
  EXPECT_FALSE(body.link->arm());
  EXPECT_EQ(body.try_receive(), message);
  EXPECT_TRUE(body.link->arm());
  body.link->disarm();
  head.send(message);
  EXPECT_EQ(body.receive(), message);
  body.link->stop();
  EXPECT_EQ(body.observer.readable(), 1);
}

TEST_P(UdpLink, lets_the_peer_read_what_was_sent_and_then_tells_it_of_the_end) {
  connect();
  std::vector<std::string> messages;
  for (int i = 0; i < 10; ++i) messages.push_back(text_of(note(std::to_string(i))));
  for (const auto& message : messages) head.send(message);
  head.link->close(make_error<TransportFinishedError>("done"));
  EXPECT_STREQ(head.observer.await_closed()->what(), "done");
  const ErrorPtr reason = body.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::transport_disconnected) << reason->what();
  EXPECT_NE(std::string(reason->what()).find("closed"), std::string::npos) << reason->what();
  for (const auto& message : messages) EXPECT_EQ(body.receive(), message);
  EXPECT_EQ(body.receive(), std::nullopt);
  Slot slot;
  EXPECT_EQ(head.link->try_claim(10, slot), ClaimStatus::closed);
  EXPECT_EQ(body.link->try_claim(10, slot), ClaimStatus::closed);
}

TEST_P(UdpLink, ends_every_wait_when_either_end_closes) {
  for (const bool own : {true, false}) {
    connect();
    auto reader = std::async(std::launch::async, [&] { head.link->wait_readable(Deadline::never()); });
    reader.wait_for(2ms);
    (own ? head : body).link->close(make_error<TransportFinishedError>("enough"));
    reader.get();
  }
}

TEST_P(UdpLink, may_be_closed_at_both_ends_at_once_and_from_inside_its_calls) {
  for (int i = 0; i < 20; ++i) {
    connect();
    EXPECT_TRUE(body.link->arm());
    auto closing = std::async(std::launch::async, [&] { head.link.reset(); });
    body.link.reset();
    closing.get();
  }
  Body at(any_port(), context());
  End other;
  other.start(std::move(try_connect(at.url(), context()).value()));
  End end;
  std::promise<void> destroyed;
  end.observer.when_closed = [&] {
    end.link.reset();
    destroyed.set_value();
  };
  end.start(at.accept());
  other.link.reset();
  destroyed.get_future().get();
}

TEST_P(UdpLink, tells_of_an_end_that_came_before_the_start) {
  Body at(any_port(), context());
  auto first = std::move(try_connect(at.url(), context()).value());
  auto accepted = at.accept();
  first.reset();
  Slot slot;
  while (accepted->try_claim(1, slot) == ClaimStatus::claimed) {
    accepted->wait_readable(Deadline::after(1ms));
  }
  End late;
  late.start(std::move(accepted));
  EXPECT_EQ(late.observer.await_closed()->code(), ErrorCode::transport_disconnected);
}

TEST_P(UdpLink, is_given_up_when_the_attempt_is_destroyed) {
  const auto registry = transport::TransportRegistry::builtin();
  Body at(any_port(), context());
  const Url url = Url::parse(at.url());
  for (int i = 0; i < 100; ++i) {
    auto called = std::make_shared<std::atomic<bool>>(false);
    auto connecting = registry.find(url.scheme)
                          ->connect(url, context(), Deadline::never(),
                                    [called](const auto& /*result*/) { *called = true; });
    connecting.reset();
    const bool before = *called;
    std::promise<void> later;
    threads.loop().post([&] { later.set_value(); });
    later.get_future().get();
    EXPECT_EQ(*called, before);
  }
}

TEST_P(UdpLink, turns_heads_away_beyond_the_limit_of_the_listener) {
  auto few = context();
  few.max_links = 2;
  Body at(any_port(), few);
  auto first = try_connect(at.url(), context());
  auto accepted = at.accept();
  auto second = try_connect(at.url(), context());
  auto other = at.accept();
  const auto third = try_connect(at.url(), context());
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error().code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(third.error().what()).find("2 links"), std::string::npos) << third.error().what();
  EXPECT_TRUE(lines.await("away"));
  accepted.reset();
  EXPECT_TRUE(try_connect(at.url(), context()).has_value());
}

TEST(UdpListenerAtEachAddress, answers_from_the_one_at_which_it_was_asked) {
  LogLines lines;
  LoopThreads threads;
  const auto context = make_context(threads.loop(), lines.log());
  const std::string message = text_of(note("x"));
  for (const auto& [all, one] :
       {std::pair{"udp://0.0.0.0", "udp://127.0.0.2"}, {"udp://[::]", "udp://[::1]"}}) {
    Body listening(all + std::string(":0?insecure=yes"), context);
    const std::string url = listening.url();
    End head;
    head.start(std::move(try_connect(one + url.substr(url.rfind(':')), context).value()));
    End body;
    body.start(listening.accept());
    head.send(message);
    EXPECT_EQ(body.receive(), message);
    body.send(message);
    EXPECT_EQ(head.receive(), message);
  }
}

TEST(UdpUrl, says_what_is_wrong_with_it) {
  LogLines lines;
  LoopThreads threads;
  const auto context = make_context(threads.loop(), lines.log());
  const auto registry = transport::TransportRegistry::builtin();
  const auto refused = [&](const std::string& text, const std::string& reason, bool also_to_connect = true) {
    const Url url = Url::parse(text);
    try {
      registry.find(url.scheme)->listen(url, context, [](std::unique_ptr<Link>) {});
      ADD_FAILURE() << text << " was accepted";
    } catch (const ApiParamError& error) {
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    }
    if (!also_to_connect) return;
    const auto connect = [&] {
      registry.find(url.scheme)->connect(url, context, Deadline::never(), [](auto) {});
    };
    EXPECT_THROW(connect(), ApiParamError) << text;
  };
  refused("udp://localhost", "host:port");
  refused("udp://:4000", "host:port");
  refused("udp://::1:4000", "host:port");
  refused("udp://localhost:70000", "0 to 65535");
  refused("udp://localhost:x", "0 to 65535");
  refused("udp://localhost:4000?ttl=3", "no option ttl; there are: keep_alive, timeout, insecure");
  refused("udp://localhost:4000?keep_alive=0s", "keep_alive=0s is not a time such as");
  refused("udp://localhost:4000?keep_alive=500ms&timeout=100ms", "timeout is less than keep_alive");
  refused("udp://localhost:4000?insecure=1", "neither yes nor no");
  refused("udp://0.0.0.0:0", "neither encrypted nor authenticated", false);
  refused("udp://[::]:0", "neither encrypted nor authenticated", false);
  refused("udp://no.such.name.invalid:4000", "does not resolve", false);
  refused("msgpack+udp://localhost:4000", "for connecting", false);
}

TEST(UdpUrl, whose_name_does_not_resolve_fails_to_connect_with_the_reason) {
  LogLines lines;
  LoopThreads threads;
  const auto result =
      try_connect("udp://no.such.name.invalid:4000", make_context(threads.loop(), lines.log()));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(result.error().what()).find("does not resolve"), std::string::npos)
      << result.error().what();
}

}  // namespace
}  // namespace vagus::testing
