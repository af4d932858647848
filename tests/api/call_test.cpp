// What a handler may ask of its call, and the reply that is given later.

#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "api/fake_host.hpp"
#include "support/core/flag.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<FakeCall> make_call(Deadline deadline = {}) {
  return std::make_shared<FakeCall>("axis.add", deadline);
}

TEST(Call, says_who_called_for_what_and_until_when) {
  const auto deadline = Deadline::after(100s);
  const auto incoming = make_call(deadline);
  const Call& call = incoming->call();
  EXPECT_EQ(call.name_space(), "axis.add");
  EXPECT_EQ(call.peer().name, "caller");
  EXPECT_EQ(call.id(), TransactionId(Side::head, 7));
  EXPECT_EQ(call.deadline(), deadline);
  EXPECT_FALSE(call.stop_requested());
  const auto unsolicited = std::make_shared<FakeCall>("axis.moved", Deadline{}, false);
  EXPECT_FALSE(unsolicited->call().id());
}

TEST(Call, is_not_wanted_any_more_after_a_request_to_stop_or_its_deadline) {
  const auto told = make_call();
  bool heard = false;
  const std::stop_callback on_stop(told->call().stop_token(), [&] { heard = true; });
  EXPECT_FALSE(told->call().stop_requested());
  told->request_stop();
  EXPECT_TRUE(told->call().stop_requested());
  EXPECT_TRUE(heard);
  EXPECT_TRUE(make_call(Deadline::after(-1ms))->call().stop_requested());
}

TEST(Call, sleeps_for_the_time_given) {
  const auto incoming = make_call();
  const auto began = Deadline::now();
  incoming->call().sleep_for(5ms);
  EXPECT_GE(Deadline::now() - began, Duration(5ms));
  incoming->call().sleep_for(Duration(0));
  incoming->call().sleep_for(-1h);
}

TEST(Call, sleeps_no_longer_than_it_is_wanted) {
  const auto told = make_call();
  Flag sleeping;
  std::thread stopping([&] {
    sleeping.await();
    told->request_stop();
  });
  sleeping.raise();
  try {
    told->call().sleep_for(1h);
    ADD_FAILURE() << "it slept";
  } catch (const TransactionCancelled& error) {
    EXPECT_EQ(error.name_space(), "axis.add");
    EXPECT_STREQ(error.what(), "nobody waits for axis.add any more");
  }
  stopping.join();
  EXPECT_THROW(told->call().sleep_for(no_timeout), TransactionCancelled);
  EXPECT_THROW(make_call(Deadline::after(2ms))->call().sleep_for(1h), TransactionCancelled);
  EXPECT_THROW(make_call(Deadline::after(2ms))->call().sleep_for(no_timeout), TransactionCancelled);
}

TEST(Reply, answers_once_with_a_value_that_is_converted_to_the_result) {
  const auto incoming = make_call();
  auto reply = incoming->call().defer<double>();
  EXPECT_TRUE(incoming->deferred());
  EXPECT_FALSE(incoming->answered());
  reply.complete(3);
  EXPECT_TRUE(incoming->answered());
  EXPECT_EQ(incoming->result<Value>(), Value(3.0));
  EXPECT_THROW(reply.complete(4.0), std::logic_error);
  EXPECT_THROW(reply.fail(std::runtime_error("too late")), std::logic_error);
  EXPECT_EQ(incoming->thrown(), nullptr);
}

TEST(Reply, of_nothing_answers_nil) {
  const auto incoming = make_call();
  incoming->call().defer<void>().complete();
  EXPECT_TRUE(incoming->result<Value>().is_nil());
}

TEST(Reply, may_be_an_exception) {
  const auto incoming = make_call();
  incoming->call().defer<int>().fail(std::out_of_range("too far"));
  EXPECT_EQ(incoming->thrown_text(), "too far");
  EXPECT_THROW(std::rethrow_exception(incoming->thrown()), std::out_of_range);
  const auto another = make_call();
  another->call().defer<int>().fail(std::make_exception_ptr(std::runtime_error("so there")));
  EXPECT_EQ(another->thrown_text(), "so there");
}

TEST(Reply, that_is_dropped_fails_the_call) {
  const auto incoming = make_call();
  { const auto reply = incoming->call().defer<int>(); }
  EXPECT_EQ(incoming->thrown_text(), "the handler of axis.add dropped its reply without completing it");
  // So does the one that another is put in the place of.
  const auto first = make_call();
  const auto second = make_call();
  auto reply = first->call().defer<int>();
  reply = second->call().defer<int>();
  EXPECT_TRUE(first->answered());
  EXPECT_FALSE(second->answered());
  reply.complete(1);
  EXPECT_EQ(second->result<int>(), 1);
}

TEST(Reply, can_be_taken_once) {
  const auto incoming = make_call();
  const auto reply = incoming->call().defer<int>();
  try {
    static_cast<void>(incoming->call().defer<int>());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "the reply of axis.add was deferred before");
  }
  EXPECT_FALSE(incoming->answered());
}

TEST(Reply, moves_with_its_duty_and_keeps_its_call) {
  std::optional<Reply<int>> kept;
  std::weak_ptr<FakeCall> weak;
  {
    const auto incoming = make_call();
    weak = incoming;
    auto reply = incoming->call().defer<int>();
    kept.emplace(std::move(reply));
    EXPECT_THROW(reply.complete(1), std::logic_error);  // moved from
    EXPECT_FALSE(reply.stop_requested());
  }
  const auto incoming = weak.lock();
  ASSERT_NE(incoming, nullptr);
  EXPECT_FALSE(kept->stop_requested());
  incoming->request_stop();
  EXPECT_TRUE(kept->stop_requested());
  kept->complete(2);
  EXPECT_EQ(incoming->result<int>(), 2);
}

TEST(IncomingCall, is_answered_by_the_first_answer_alone) {
  const auto incoming = make_call();
  incoming->refuse(make_error<OverloadedError>("full"));
  incoming->complete([](wire::Writer& writer) { writer.integer(1); });
  incoming->fail(std::make_exception_ptr(std::runtime_error("late")));
  EXPECT_FALSE(incoming->has_result());
  EXPECT_EQ(incoming->thrown(), nullptr);
  ASSERT_NE(incoming->refusal(), nullptr);
  EXPECT_EQ(incoming->refusal()->code(), ErrorCode::overloaded);
}

TEST(IncomingCall, says_that_a_part_is_too_large_and_takes_smaller_ones) {
  const auto incoming = make_call();
  incoming->allow_progress(1);
  incoming->progress_error = make_error<MessageTooLargeError>("5000 bytes of at most 4096");
  for (const bool wait : {true, false}) {
    try {
      wait ? incoming->call().progress(1) : static_cast<void>(incoming->call().try_progress(1));
      ADD_FAILURE() << "nothing was thrown";
    } catch (const MessageTooLargeError& error) {
      EXPECT_STREQ(error.what(), "5000 bytes of at most 4096");
      EXPECT_EQ(error.name_space(), "axis.add");
      EXPECT_EQ(error.execution(), Execution::ran);
    }
  }
  incoming->progress_error = nullptr;
  EXPECT_TRUE(incoming->call().try_progress(1));
}

TEST(IncomingCall, that_keeps_progress_goes_on_where_it_would_wait) {
  const auto incoming = make_call();
  incoming->allow_progress(2);
  incoming->keep_progress();
  for (int part = 0; part < 100; ++part) incoming->call().progress(part);
  EXPECT_FALSE(incoming->call().try_progress(100));  // which leaves out what finds no room
  EXPECT_EQ(incoming->parts().size(), 100u);
}

TEST(IncomingCall, that_keeps_progress_does_so_within_bounds) {
  const auto incoming = make_call();
  incoming->allow_progress(2);
  incoming->keep_progress();
  EXPECT_THROW(for (;;) incoming->call().progress(0), OverloadedError);
  EXPECT_EQ(incoming->parts().size(), 65536u);
  incoming->acknowledged(1);
  EXPECT_NO_THROW(incoming->call().progress(0));
  incoming->request_stop();
  EXPECT_THROW(incoming->call().progress(0), TransactionCancelled);
}

}  // namespace
}  // namespace vagus::testing
