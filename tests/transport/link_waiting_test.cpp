#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "transport/link_suite.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

class LinkWaiting : public LinkTest {
 public:
  void fill() {
    do {
      // Memory of megabytes takes long by the half kilobyte.
      while (is_tcp() && head.try_send(pattern(32'000))) {
      }
      while (head.try_send(pattern(500))) {
      }
      // TCP moves what it has taken into the memory of the other end for some time on, and makes more room.
      if (is_tcp()) head.link->wait_writable(Deadline::after(20ms));
    } while (is_tcp() && head.try_send(pattern(500)));
  }
  int drain() {
    int messages = 0;
    while (body.try_receive()) ++messages;
    return messages;
  }
};
VAGUS_INSTANTIATE_LINK_TESTS(LinkWaiting, link_kinds);

TEST_P(LinkWaiting, for_a_message_ends_at_the_deadline) {
  connect();
  const auto deadline = Deadline::after(20ms);
  body.link->wait_readable(deadline);
  EXPECT_TRUE(deadline.passed());
}

TEST_P(LinkWaiting, for_a_message_ends_at_once_when_one_is_there_or_the_deadline_has_passed) {
  connect();
  head.send("x");
  body.link->wait_readable(Deadline::never());
  EXPECT_EQ(body.try_receive(), "x");
  body.link->wait_readable(Deadline::after(-1s));
}

TEST_P(LinkWaiting, for_a_message_ends_when_one_comes) {
  connect();
  for (int i = 0; i < 50; ++i) {
    auto received = std::async(std::launch::async, [&] { return body.receive(Deadline::never()); });
    if (i % 2 == 0) received.wait_for(1ms);  // now and then the reader sleeps already
    head.send("x");
    EXPECT_EQ(received.get(), "x");
  }
}

TEST_P(LinkWaiting, for_a_message_ends_by_an_interrupt) {
  connect();
  for (int i = 0; i < 50; ++i) {
    auto waiting = std::async(std::launch::async, [&] { body.link->wait_readable(Deadline::never()); });
    if (i % 2 == 0) waiting.wait_for(1ms);
    body.link->interrupt();
    waiting.get();
  }
}

TEST_P(LinkWaiting, ends_by_an_interrupt_that_came_before_it_but_only_once) {
  connect();
  body.link->interrupt();
  body.link->wait_readable(Deadline::never());
  const auto deadline = Deadline::after(10ms);
  body.link->wait_readable(deadline);
  EXPECT_TRUE(deadline.passed());
}

TEST_P(LinkWaiting, for_space_ends_at_the_deadline) {
  connect();
  fill();
  const auto deadline = Deadline::after(20ms);
  head.link->wait_writable(deadline);
  EXPECT_TRUE(deadline.passed());
}

TEST_P(LinkWaiting, for_space_ends_when_the_peer_reads) {
  connect();
  for (int i = 0; i < 20; ++i) {
    fill();
    auto sent = std::async(std::launch::async, [&] { head.send("after the wait"); });
    if (i % 2 == 0) sent.wait_for(1ms);
    EXPECT_GT(drain(), 0);
    sent.get();
    while (body.try_receive()) {
    }
  }
}

TEST_P(LinkWaiting, for_space_ends_by_an_interrupt) {
  connect();
  fill();
  for (int i = 0; i < 50; ++i) {
    auto waiting = std::async(std::launch::async, [&] { head.link->wait_writable(Deadline::never()); });
    if (i % 2 == 0) waiting.wait_for(1ms);
    head.link->interrupt();
    waiting.get();
  }
}

TEST_P(LinkWaiting, for_both_ends_by_either) {
  connect();
  fill();
  auto waiting = std::async(std::launch::async, [&] { head.link->wait_readable(Deadline::never(), true); });
  waiting.wait_for(5ms);
  EXPECT_GT(drain(), 0);
  waiting.get();

  fill();
  waiting = std::async(std::launch::async, [&] { head.link->wait_readable(Deadline::never(), true); });
  waiting.wait_for(5ms);
  body.send("x");
  waiting.get();
  EXPECT_EQ(head.try_receive(), "x");
}

TEST_P(LinkWaiting, for_a_message_does_not_end_by_space) {
  connect();
  fill();
  const auto deadline = Deadline::after(30ms);
  auto waiting = std::async(std::launch::async, [&] { head.link->wait_readable(deadline); });
  EXPECT_GT(drain(), 0);
  waiting.get();
  EXPECT_TRUE(deadline.passed());
}

TEST_P(LinkWaiting, of_every_kind_ends_when_this_end_closes) {
  connect();
  fill();
  auto reader = std::async(std::launch::async, [&] { head.link->wait_readable(Deadline::never()); });
  auto writer = std::async(std::launch::async, [&] { head.link->wait_writable(Deadline::never()); });
  reader.wait_for(2ms);
  head.link->close(make_error<TransportFinishedError>("enough"));
  reader.get();
  writer.get();
}

TEST_P(LinkWaiting, of_every_kind_ends_when_the_peer_closes) {
  connect();
  fill();
  auto reader = std::async(std::launch::async, [&] { head.link->wait_readable(Deadline::never()); });
  auto writer = std::async(std::launch::async, [&] { head.link->wait_writable(Deadline::never()); });
  reader.wait_for(2ms);
  body.link.reset();
  reader.get();
  writer.get();
}

TEST_P(LinkWaiting, is_taken_over_by_the_event_loop_when_the_reader_arms_the_link) {
  connect();
  EXPECT_TRUE(body.link->arm());
  EXPECT_EQ(body.observer.readable(), 0);
  head.send("x");
  body.observer.await_readable();
  EXPECT_EQ(body.try_receive(), "x");
  head.send("y");  // not armed again: nobody is called
  EXPECT_EQ(body.receive(), "y");
  EXPECT_TRUE(body.link->arm());
  head.send("z");
  body.observer.await_readable(2);
  EXPECT_EQ(body.try_receive(), "z");
}

TEST_P(LinkWaiting, is_not_taken_over_while_a_message_is_there) {
  connect();
  head.send("x");
  EXPECT_FALSE(body.link->arm());
  EXPECT_EQ(body.try_receive(), "x");
  body.link->stop();
  EXPECT_EQ(body.observer.readable(), 0);
}

TEST_P(LinkWaiting, is_taken_back_from_the_event_loop_by_disarming) {
  connect();
  EXPECT_TRUE(body.link->arm());
  body.link->disarm();
  for (int i = 0; i < 10; ++i) head.send("x");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(body.receive(), "x");
  body.link->stop();
  EXPECT_EQ(body.observer.readable(), 0);
}

TEST_P(LinkWaiting, for_space_can_be_left_to_the_event_loop) {
  connect();
  EXPECT_FALSE(head.link->arm_writable()) << "there is space already";
  for (int i = 1; i <= 3; ++i) {
    fill();
    EXPECT_TRUE(head.link->arm_writable());
    EXPECT_GT(drain(), 0);
    head.observer.await_writable(i);
    EXPECT_TRUE(head.try_send("x"));
  }
}

TEST_P(LinkWaiting, for_space_in_a_thread_and_in_the_event_loop_do_not_disturb_each_other) {
  connect();
  int calls = 0;
  for (int i = 1; i <= 10; ++i) {
    fill();
    auto waiting = std::async(std::launch::async, [&] { head.link->wait_writable(Deadline::never()); });
    if (i % 2 == 0) waiting.wait_for(1ms);
    const bool armed = head.link->arm_writable();
    EXPECT_TRUE(armed || is_tcp()) << "there was space already";
    if (armed) ++calls;
    EXPECT_GT(drain(), 0);
    // What TCP has still under way may fill the other end's memory again before there is room at this one.
    while (waiting.wait_for(1ms) != std::future_status::ready) drain();
    waiting.get();
    head.observer.await_writable(calls);
  }
}

}  // namespace
}  // namespace vagus::testing
