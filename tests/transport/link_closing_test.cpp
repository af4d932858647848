#include <atomic>
#include <future>
#include <thread>

#include "transport/link_suite.hpp"

namespace vagus::testing {
namespace {

using LinkClosing = LinkTest;
VAGUS_INSTANTIATE_LINK_TESTS(LinkClosing, link_kinds);

using LinkPartsClosing = LinkTest;
VAGUS_INSTANTIATE_LINK_TESTS(LinkPartsClosing, kinds_that_send_parts);

TEST_P(LinkClosing, lets_the_peer_read_what_was_sent_and_then_tells_it) {
  connect();
  for (int i = 0; i < 10; ++i) head.send(std::to_string(i));
  head.link->close(make_error<TransportFinishedError>("done"));
  const ErrorPtr reason = body.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::transport_disconnected) << reason->what();
  EXPECT_NE(std::string(reason->what()).find("closed"), std::string::npos) << reason->what();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(body.receive(), std::to_string(i));
  EXPECT_EQ(body.receive(), std::nullopt);
}

TEST_P(LinkClosing, tells_this_end_the_reason_that_was_given_first) {
  connect();
  head.link->close(make_error<TransportFinishedError>("the first reason"));
  head.link->close(make_error<ProtocolError>("the second reason"));
  const ErrorPtr reason = head.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::transport_finished);
  EXPECT_STREQ(reason->what(), "the first reason");
  head.link->stop();
  EXPECT_EQ(head.observer.closed(), 1);
}

TEST_P(LinkClosing, passes_a_protocol_error_to_the_observer) {
  connect();
  head.link->close(make_error<ProtocolError>("nonsense in message 3"));
  EXPECT_EQ(head.observer.await_closed()->code(), ErrorCode::protocol);
}

TEST_P(LinkClosing, ends_sending_at_both_ends) {
  connect();
  Slot slot;
  ASSERT_EQ(head.link->try_claim(10, slot), ClaimStatus::claimed);
  head.link->close(make_error<TransportFinishedError>("done"));
  EXPECT_TRUE(head.link->commit(slot, 10));
  EXPECT_EQ(head.link->try_claim(10, slot), ClaimStatus::closed);
  body.observer.await_closed();
  EXPECT_EQ(body.link->try_claim(10, slot), ClaimStatus::closed);
}

TEST_P(LinkPartsClosing, ends_a_large_message_that_is_sent_in_part) {
  connect();
  Slot slot;
  ASSERT_EQ(head.link->try_claim(4 << 20, slot), ClaimStatus::claimed);
  ASSERT_FALSE(head.link->commit(slot, slot.bytes.size()));
  body.link.reset();
  head.observer.await_closed();
  EXPECT_TRUE(head.link->push(slot));
}

TEST_P(LinkClosing, calls_nobody_after_stop) {
  connect();
  EXPECT_TRUE(body.link->arm());
  body.link->stop();
  const int closed = body.observer.closed();
  const int readable = body.observer.readable();
  head.observer.await_closed();
  head.link->stop();
  EXPECT_EQ(body.observer.closed(), closed);
  EXPECT_EQ(body.observer.readable(), readable);
}

TEST_P(LinkClosing, may_stop_from_inside_every_call_of_the_observer) {
  for (const int where : {0, 1, 2}) {
    connect();
    End end;  // takes the body's place
    auto url = fresh_url();
    Body listening(url, context());
    End other;
    other.start(std::move(try_connect(url, context()).value()));
    std::promise<void> stopped;
    const auto stop = [&] {
      end.link->stop();
      stopped.set_value();
    };
    if (where == 0) end.observer.when_readable = stop;
    if (where == 1) end.observer.when_writable = stop;
    if (where == 2) end.observer.when_closed = stop;
    end.start(listening.accept());
    if (where == 0) {
      EXPECT_TRUE(end.link->arm());
      other.send("x");
    } else if (where == 1) {
      while (end.try_send(pattern(500))) {
      }
      EXPECT_TRUE(end.link->arm_writable());
      while (other.try_receive()) {
      }
    } else {
      other.link.reset();
    }
    stopped.get_future().get();
    head.link.reset();
    body.link.reset();
  }
}

TEST_P(LinkClosing, may_destroy_the_link_from_inside_the_observer) {
  const std::string url = fresh_url();
  Body listening(url, context());
  End other;
  other.start(std::move(try_connect(url, context()).value()));
  End end;
  std::promise<void> destroyed;
  end.observer.when_closed = [&] {
    end.link.reset();
    destroyed.set_value();
  };
  end.start(listening.accept());
  other.link.reset();
  destroyed.get_future().get();
}

TEST_P(LinkClosing, waits_in_stop_for_a_call_that_is_under_way) {
  const std::string url = fresh_url();
  Body listening(url, context());
  End other;
  other.start(std::move(try_connect(url, context()).value()));
  End end;
  std::promise<void> entered;
  std::promise<void> go_on;
  std::atomic<bool> left{false};
  end.observer.when_readable = [&] {
    entered.set_value();
    go_on.get_future().wait();
    left = true;
  };
  end.start(listening.accept());
  EXPECT_TRUE(end.link->arm());
  other.send("x");
  entered.get_future().get();
  auto stopped = std::async(std::launch::async, [&] {
    end.link->stop();
    return left.load();
  });
  stopped.wait_for(std::chrono::milliseconds(5));
  go_on.set_value();
  EXPECT_TRUE(stopped.get());
}

TEST_P(LinkClosing, tells_of_the_end_while_another_call_of_the_observer_goes_on) {
  const std::string url = fresh_url();
  Body listening(url, context());
  End other;
  other.start(std::move(try_connect(url, context()).value()));
  End end;
  std::promise<void> entered;
  end.observer.when_readable = [&] {
    entered.set_value();
    end.observer.await_closed();
  };
  end.start(listening.accept());
  EXPECT_TRUE(end.link->arm());
  other.send("x");
  entered.get_future().get();
  other.link.reset();
  end.observer.await_closed();
  end.link.reset();
}

TEST_P(LinkClosing, at_both_ends_at_once_does_no_harm) {
  for (int i = 0; i < 50; ++i) {
    connect();
    EXPECT_TRUE(body.link->arm());
    auto closing = std::async(std::launch::async, [&] { head.link.reset(); });
    body.link.reset();
    closing.get();
  }
}

TEST_P(LinkClosing, before_the_start_does_no_harm) {
  const std::string url = fresh_url();
  Body listening(url, context());
  auto link = try_connect(url, context()).value().release();
  End end;
  end.start(listening.accept());
  delete link;
  EXPECT_EQ(end.observer.await_closed()->code(), ErrorCode::transport_disconnected);

  End late;
  auto second = std::move(try_connect(url, context()).value());
  listening.accept().reset();
  late.start(std::move(second));
  EXPECT_EQ(late.observer.await_closed()->code(), ErrorCode::transport_disconnected);
}

}  // namespace
}  // namespace vagus::testing
