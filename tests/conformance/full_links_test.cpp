// Links that are full, since the peer does not read.

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/testing/fake_clock.hpp>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

using Array = Value::Array;

/// A head whose body reads only what a test has it read.
struct Unread {
  explicit Unread(const std::string& url) : Unread(url, ArbOptions()) {}
  Unread(const std::string& url, ArbOptions options) : body(url), head(connect(url + "?ring=4096"), options) {
    desk.work.handle([this](int number) {
      worked.raise();
      return number;
    });
    head.attach(called);
    head.attach(desk);
    head.start();
    link = body.accept();
    link->open({"sample.work"}, {"sample.said"});
    head.wait_open(generous);
  }

  /// Sends until nothing more fits; how much it was.
  int fill() {
    for (int sent = 0; sent < 10'000; ++sent) {
      try {
        called.said(text, sent).post({.timeout = generous, .when_full = WhenFull::refuse});
      } catch (const OverloadedError&) {
        return sent;
      }
    }
    throw std::runtime_error("the link is never full");
  }
  /// The number of the event that comes next.
  std::int64_t next_event() {
    const auto message = link->receive_call();
    if (!message || message->array().at(0) != Value(2)) throw std::runtime_error("no event came");
    const auto& arguments = message->array().at(2).array();
    EXPECT_TRUE(arguments.at(0) == Value(text));
    return arguments.at(1).integer();
  }
  void await_pending(std::size_t calls) {
    while (head.transactions().pending() != calls) std::this_thread::yield();
  }

  // Events take no more of the ring than calls do: where none of them fits, nothing does.
  const std::string text = "x";
  Flag worked;
  RawBody body;
  std::unique_ptr<RawLink> link;
  SampleApi called{"sample"};
  SampleApi desk{"desk"};
  ApiArb head;
};

std::int64_t number_of(const std::optional<Value>& event) {
  return event ? event->array().at(2).array().at(1).integer() : -1;
}

/// What a request says of it.
std::int64_t time_left_us(const Value& request) {
  for (const auto& [key, value] : request.array().at(4).map()) {
    if (key == Value(1)) return value.integer();
  }
  throw std::runtime_error("it has no deadline");
}

void expect_overloaded(const ErrorPtr& error, const std::string& name_space) {
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::overloaded) << error->what();
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_EQ(error->name_space(), name_space);
}

class FullLinks : public Conformance {};

TEST_P(FullLinks, refuse_at_once_if_told_so) {
  Unread unread(url());
  EXPECT_GT(unread.fill(), 0);
  const CallOptions refusing{.timeout = generous, .when_full = WhenFull::refuse};
  const auto began = Deadline::now();
  expect_overloaded(error_of(unread.called.work(1), refusing), "sample.work");
  expect_overloaded(unread.called.work(1).async(refusing).error(), "sample.work");
  expect_overloaded(error_of(unread.called.work(1).with(refusing)), "sample.work");
  try {
    unread.called.said(unread.text, 0).post({.timeout = generous, .when_full = WhenFull::refuse});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const OverloadedError& error) {
    EXPECT_EQ(error.name_space(), "sample.said");
    EXPECT_NE(std::string(error.what()).find("full"), std::string::npos) << error.what();
  }
  EXPECT_LT(Deadline::now() - began, Duration(generous) / 2);
  EXPECT_EQ(unread.head.transactions().pending(), 0u);
  EXPECT_EQ(unread.head.transactions().reserved(), 0u);
}

TEST_P(FullLinks, leave_calls_that_are_observed_as_not_sent) {
  Notes ends;
  Unread unread(url());
  unread.head.measure(true);
  const auto observing = unread.head.observe({.call_ended = [&](const CallEnded& call) {
    ends.add(std::to_string(call.peer.id) + " " + to_string(call.id) + " " + to_string(call.state));
  }});
  unread.fill();
  const CallOptions refusing{.timeout = generous, .when_full = WhenFull::refuse};
  expect_overloaded(error_of(unread.called.work(1), refusing), "sample.work");
  expect_overloaded(unread.called.work(1).async(refusing).error(), "sample.work");
  expect_overloaded(error_of(unread.called.work(1), {.timeout = 20ms}), "sample.work");
  EXPECT_EQ(ends.lines(), (std::vector<std::string>{"0 none failed", "0 none failed", "0 none failed"}));
  EXPECT_TRUE(unread.head.method_stats().empty());
}

TEST_P(FullLinks, wait_until_the_deadline_and_then_refuse) {
  Unread unread(url());
  unread.fill();
  const auto began = Deadline::now();
  expect_overloaded(error_of(unread.called.work(1), {.timeout = 20ms}), "sample.work");
  EXPECT_GE(Deadline::now() - began, Duration(20ms));
  EXPECT_THROW(unread.called.said(unread.text, 0).post({.timeout = 20ms}), OverloadedError);
  EXPECT_GE(Deadline::now() - began, Duration(40ms));
  EXPECT_EQ(unread.head.transactions().pending(), 0u);
  EXPECT_EQ(unread.head.transactions().reserved(), 0u);
}

TEST_P(FullLinks, give_an_async_call_that_waited_in_vain_the_same_error) {
  Unread unread(url());
  unread.fill();
  for (int i = 0; i < 5; ++i) {
    const auto pending = unread.called.work(1).async({.timeout = 10ms});
    ASSERT_TRUE(pending.wait(generous));
    expect_overloaded(pending.error(), "sample.work");
  }
  EXPECT_EQ(unread.head.transactions().pending(), 0u);
  EXPECT_EQ(unread.head.transactions().reserved(), 0u);
}

TEST_P(FullLinks, drop_and_count_what_is_unsolicited_if_told_so_and_refuse_calls) {
  Unread unread(url());
  const int sent = unread.fill();
  for (int i = 0; i < 3; ++i) {
    unread.called.said(unread.text, 1000 + i).post({.timeout = generous, .when_full = WhenFull::drop});
  }
  EXPECT_EQ(unread.head.stats().posts_dropped, 3u);
  EXPECT_EQ(unread.head.stats().messages_posted, static_cast<std::uint64_t>(sent));
  expect_overloaded(error_of(unread.called.work(1), {.timeout = generous, .when_full = WhenFull::drop}),
                    "sample.work");
  EXPECT_EQ(unread.head.stats().posts_dropped, 3u);
  // What was dropped is gone for good, what was sent is not.
  for (int i = 0; i < sent; ++i) EXPECT_EQ(unread.next_event(), i);
  unread.called.said(unread.text, 7).post();
  EXPECT_EQ(unread.next_event(), 7);
}

TEST_P(FullLinks, do_what_the_arbitrator_says_where_the_call_says_nothing) {
  Unread unread(url(), {.when_full = WhenFull::drop});
  unread.fill();
  unread.called.said(unread.text, 0).post();
  EXPECT_EQ(unread.head.stats().posts_dropped, 1u);
  expect_overloaded(error_of(unread.called.work(1)), "sample.work");
  EXPECT_THROW(unread.called.said(unread.text, 0).post({.timeout = 5ms, .when_full = WhenFull::wait}),
               OverloadedError);
  unread.called.said(unread.text, 0).post({.when_full = WhenFull::refuse, .ignore_errors = true});
  EXPECT_EQ(unread.head.stats().posts_dropped, 1u);
}

TEST_P(FullLinks, take_what_waits_once_the_peer_reads_in_its_order) {
  Unread unread(url());
  const int sent = unread.fill();
  std::thread posting([&] {
    for (int i = 0; i < 50; ++i) EXPECT_NO_THROW(unread.called.said(unread.text, sent + i).post());
  });
  for (int i = 0; i < sent + 50; ++i) EXPECT_EQ(unread.next_event(), i);
  posting.join();
}

TEST_P(FullLinks, carry_a_call_that_waited_and_its_answer) {
  Unread unread(url());
  const int sent = unread.fill();
  std::thread calling([&] { EXPECT_EQ(unread.called.work(1).try_call().value_or(0), 17); });
  unread.await_pending(1);
  for (int i = 0; i < sent; ++i) EXPECT_EQ(unread.next_event(), i);
  const auto request = unread.link->receive_call();
  EXPECT_TRUE(request);
  if (request) unread.link->send(Array{1, request->array().at(1), nullptr, 17});
  calling.join();
}

TEST_P(FullLinks, refuse_at_once_while_another_thread_waits_for_space) {
  Unread unread(url());
  const int sent = unread.fill();
  std::thread calling([&] { EXPECT_EQ(unread.called.work(1).try_call().value_or(0), 17); });
  unread.await_pending(1);
  const auto began = Deadline::now();
  for (int i = 0; i < 100 && Deadline::now() - began < Duration(generous) / 2; ++i) {
    EXPECT_THROW(
        unread.called.said(unread.text, 0).post({.timeout = generous, .when_full = WhenFull::refuse}),
        OverloadedError);
  }
  EXPECT_LT(Deadline::now() - began, Duration(generous) / 2);
  for (int i = 0; i < sent; ++i) EXPECT_EQ(unread.next_event(), i);
  const auto request = unread.link->receive_call();
  EXPECT_TRUE(request);
  if (request) unread.link->send(Array{1, request->array().at(1), nullptr, 17});
  calling.join();
}

TEST_P(FullLinks, are_read_from_all_the_same) {
  Unread unread(url());
  const int sent = unread.fill();
  std::thread calling([&] { EXPECT_EQ(unread.called.work(1).try_call().value_or(0), 17); });
  unread.await_pending(1);
  unread.link->send(Array{0, 1, "desk.work", Array{5}});
  EXPECT_TRUE(unread.worked.await());  // while the caller waits for space
  for (int i = 0; i < sent; ++i) EXPECT_EQ(unread.next_event(), i);
  bool answered = false;
  bool asked = false;
  while (!answered || !asked) {
    const auto message = unread.link->receive_call();
    if (!message) break;
    const auto& parts = message->array();
    if (parts.at(0) == Value(1)) {
      EXPECT_EQ(*message, Value(Array{1, 1, nullptr, 5}));
      answered = true;
    } else {
      unread.link->send(Array{1, parts.at(1), nullptr, 17});
      asked = true;
    }
  }
  EXPECT_TRUE(answered && asked);
  calling.join();
}

TEST_P(FullLinks, that_are_lost_let_who_waits_go) {
  Unread unread(url());
  unread.fill();
  ErrorPtr error;
  std::thread calling([&] { error = error_of(unread.called.work(1)); });
  unread.await_pending(1);
  unread.link.reset();
  calling.join();
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transport_disconnected);
}

TEST_P(FullLinks, that_are_closed_let_who_waits_go) {
  Unread unread(url());
  unread.fill();
  ErrorPtr error;
  std::thread calling([&] { error = error_of(unread.called.work(1)); });
  unread.await_pending(1);
  const auto began = Deadline::now();
  unread.head.stop();
  EXPECT_LT(Deadline::now() - began, Duration(generous) / 2);
  calling.join();
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transport_finished);
}

TEST_P(FullLinks, break_a_large_message_off_that_is_not_through_in_time_and_carry_the_next_whole) {
  Unread unread(url());
  const std::string large(50'000, 'L');
  int sent = 0;
  for (; sent < 100; ++sent) {
    try {
      unread.called.said(large, sent).post({.timeout = 20ms});
    } catch (const OverloadedError& error) {
      EXPECT_EQ(error.execution(), Execution::not_sent);
      break;
    }
  }
  ASSERT_LT(sent, 100);
  std::thread posting([&] { EXPECT_NO_THROW(unread.called.said(unread.text, -1).post()); });
  for (int i = 0; i < sent; ++i) {
    EXPECT_TRUE(unread.link->receive_call() == Value(Array{2, "sample.said", Array{large, i}}));
  }
  EXPECT_EQ(unread.next_event(), -1);
  posting.join();
}

/// A head with two bodies, which read only what a test has them read. The link of the first one is short.
struct TwoUnread {
  TwoUnread(const std::string& first_url, const std::string& second_url)
      : standing(first_url),
        reading(second_url),
        head({connect(first_url + "?ring=4096"), connect(second_url + "?ring=4096")}) {
    head.attach(called);
    head.start();
    unread = standing.accept();
    read = reading.accept();
    unread->open({"sample.work"}, {"sample.said"});
    while (head.peers().empty()) std::this_thread::yield();  // it is the first one, then
    first = head.peers().front();
    read->open({"sample.work"}, {"sample.said"});
    head.wait_open(generous);
  }

  RawBody standing;
  RawBody reading;
  SampleApi called{"sample"};
  ApiArb head;
  std::unique_ptr<RawLink> unread;
  std::unique_ptr<RawLink> read;
  Peer first;
};

TEST_P(FullLinks, of_one_listener_hold_up_no_other) {
  TwoUnread two(url(), unique_url(GetParam()));
  SampleApi& called = two.called;
  const auto& unread = two.unread;
  const auto& read = two.read;
  int sent = 0;
  ErrorPtr partly;
  for (; !partly; ++sent) {
    try {
      called.said("x", sent).post({.timeout = generous, .when_full = WhenFull::refuse});
    } catch (const OverloadedError& error) {
      partly = std::make_shared<const OverloadedError>(error);
    }
    EXPECT_EQ(number_of(read->receive_call()), sent);
  }
  EXPECT_EQ(partly->execution(), Execution::unknown) << partly->what();  // it was sent, though not to all
  EXPECT_EQ(partly->name_space(), "sample.said");

  std::thread posting([&] { EXPECT_NO_THROW(called.said("x", sent).post({.timeout = generous})); });
  EXPECT_EQ(number_of(read->receive_call()), sent);  // nothing has been read from the other one
  for (int i = 0; i + 1 < sent; ++i) EXPECT_EQ(number_of(unread->receive_call()), i);
  EXPECT_EQ(number_of(unread->receive_call()), sent);
  posting.join();
}

TEST_P(FullLinks, of_several_listeners_take_a_large_event_whole_and_once) {
  TwoUnread two(url(), unique_url(GetParam()));
  const auto fill = [&](const Peer& peer) {
    int sent = 0;
    EXPECT_THROW(
        for (;; ++sent) {
          two.called.said("x", sent).to(peer).post({.timeout = generous, .when_full = WhenFull::refuse});
        },
        OverloadedError);
    return sent;
  };
  const std::string large(50'000, 'L');  // more than the link holds: it leaves in parts
  const auto peers = two.head.peers();
  ASSERT_EQ(peers.size(), 2u);
  const Peer& second = peers[peers[0].id == two.first.id ? 1 : 0];
  const int before_first = fill(two.first);
  const int before_second = fill(second);
  std::thread posting([&] { EXPECT_NO_THROW(two.called.said(large, -1).post({.timeout = generous})); });
  for (int i = 0; i < before_first; ++i) EXPECT_EQ(number_of(two.unread->receive_call()), i);
  EXPECT_TRUE(two.unread->receive_call() == Value(Array{2, "sample.said", Array{large, -1}}));
  for (int i = 0; i < before_second; ++i) EXPECT_EQ(number_of(two.read->receive_call()), i);
  EXPECT_TRUE(two.read->receive_call() == Value(Array{2, "sample.said", Array{large, -1}}));
  posting.join();
  two.called.said("x", 7).post();
  EXPECT_EQ(number_of(two.unread->receive_call()), 7);
  EXPECT_EQ(number_of(two.read->receive_call()), 7);
}

TEST_P(FullLinks, take_no_more_time_from_a_call_to_several_than_it_has) {
  TwoUnread two(url(), unique_url(GetParam()));
  const auto fill = [&] {
    for (;;) {
      two.called.said("x", 0).to(two.first).post({.timeout = generous, .when_full = WhenFull::refuse});
    }
  };
  EXPECT_THROW(fill(), OverloadedError);
  const auto results = two.called.work(1).all().call({.timeout = 20ms});
  ASSERT_EQ(results.size(), 2u);
  for (const auto& [peer, result] : results) {
    ASSERT_FALSE(result.has_value());
    const bool full = peer.id == two.first.id;
    EXPECT_EQ(result.error().code(), full ? ErrorCode::overloaded : ErrorCode::transaction_timeout)
        << result.error().what();
    EXPECT_EQ(result.error().execution(), Execution::not_sent) << result.error().what();
  }
}

TEST_P(FullLinks, carry_the_time_that_is_left_when_a_call_leaves) {
  FakeClock clock{Pace::running};
  const ClockInUse in_use{clock};
  Unread unread(url());
  const int sent = unread.fill();
  std::thread calling([&] { EXPECT_EQ(unread.called.work(1).try_call({.timeout = 30s}).value_or(0), 17); });
  unread.await_pending(1);
  clock.advance(20s);
  for (int i = 0; i < sent; ++i) EXPECT_EQ(unread.next_event(), i);
  const auto request = unread.link->receive_call();
  EXPECT_TRUE(request);
  if (request) {
    EXPECT_LE(time_left_us(*request), 10'000'000) << to_string(*request);
    unread.link->send(Array{1, request->array().at(1), nullptr, 17});
  }
  calling.join();
}

VAGUS_OVER_EACH_TRANSPORT_OF_MEMORY(FullLinks);

}  // namespace
}  // namespace vagus::testing
