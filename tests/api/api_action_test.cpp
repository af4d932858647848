// What becomes of a call that is built: what is sent, to whom, and what it comes to.

#include <memory>
#include <string>
#include <thread>
#include <type_traits>

#include <gtest/gtest.h>

#include <vagus/api/api_proxy.hpp>

#include "api/axis_api.hpp"
#include "api/fake_host.hpp"

namespace vagus::testing {
namespace {

using Array = Value::Array;
using Kind = detail::Target::Kind;

class ApiActionTest : public ::testing::Test {
 protected:
  ApiActionTest() { host->attach(axis); }

  const std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
  AxisApi axis{"axis"};
};

TEST_F(ApiActionTest, sends_its_arguments_as_they_were_declared) {
  host->on_sent = [](const Sent& sent) { sent.answer(1.0); };
  axis.move_to(3).call();  // an int where a double is declared
  EXPECT_EQ(host->last().name_space, "axis.move_to");
  EXPECT_EQ(host->last().arguments, Value(Array{3.0}));
  axis.move_to(3, 4.5F, "in").call();
  EXPECT_EQ(host->last().arguments, Value(Array{3.0, 4.5, "in"}));
  EXPECT_TRUE(host->last().named.is_nil());
  host->on_sent = [](const Sent& sent) { sent.answer(1); };
  axis.add(short{1}, 2L).call();
  EXPECT_EQ(host->last().arguments, Value(Array{1, 2}));
  axis.home().call();
  EXPECT_EQ(host->last().arguments, Value(Array{}));
}

TEST_F(ApiActionTest, leaves_what_is_left_out_to_the_other_side) {
  host->on_sent = [](const Sent& sent) { sent.answer(1.0); };
  axis.move_to(1.0).call();
  EXPECT_EQ(host->last().arguments.array().size(), 1u);
  axis.move_to(1.0, 2.0).call();
  EXPECT_EQ(host->last().arguments.array().size(), 2u);
}

template <typename Callee, typename... Arguments>
constexpr bool takes = std::is_invocable_v<const Callee&, Arguments...>;

TEST_F(ApiActionTest, does_not_compile_with_too_few_too_many_or_wrong_arguments) {
  using Add = decltype(axis.add);
  static_assert(takes<Add, int, int> && takes<Add, short, double>);
  static_assert(!takes<Add> && !takes<Add, int> && !takes<Add, int, int, int>);
  static_assert(!takes<Add, int, const char*> && !takes<Add, std::string, int>);
  using MoveTo = decltype(axis.move_to);
  static_assert(takes<MoveTo, double> && takes<MoveTo, int, double> &&
                takes<MoveTo, int, double, const char*>);
  static_assert(!takes<MoveTo> && !takes<MoveTo, double, std::string> &&
                !takes<MoveTo, double, double, std::string, int>);
  static_assert(takes<decltype(axis.home)> && !takes<decltype(axis.home), int>);
  static_assert(takes<decltype(axis.moved), double> && !takes<decltype(axis.moved)>);
}

TEST_F(ApiActionTest, is_sent_by_each_verb_in_its_way) {
  host->on_sent = [](const Sent& sent) {
    if (sent.transaction) sent.answer(5);
  };
  EXPECT_EQ(axis.add(2, 3).call(), 5);
  EXPECT_EQ(host->last().how, Sent::How::waited_for);
  EXPECT_EQ(axis.add(2, 3)(), 5);
  EXPECT_EQ(host->last().how, Sent::How::waited_for);
  EXPECT_EQ(axis.add(2, 3).try_call().value(), 5);
  EXPECT_EQ(host->last().how, Sent::How::waited_for);
  EXPECT_EQ(axis.add(2, 3).async().get(), 5);
  EXPECT_EQ(host->last().how, Sent::How::submitted);
  const auto action = axis.add(2, 3);
  const auto awaiting = [&]() -> Task<int> { co_return co_await action; };
  EXPECT_EQ(awaiting().get(), 5);
  EXPECT_EQ(host->last().how, Sent::How::submitted);
  action.post();
  EXPECT_EQ(host->last().how, Sent::How::posted);
  EXPECT_EQ(host->last().transaction, nullptr);
  EXPECT_EQ(host->sent.size(), 6u);
}

TEST_F(ApiActionTest, is_made_as_often_as_one_likes_each_time_anew) {
  int answer = 0;
  host->on_sent = [&](const Sent& sent) { sent.answer(++answer); };
  const auto action = axis.add(2, 3);
  EXPECT_EQ(action.call(), 1);
  EXPECT_EQ(action.call({.timeout = std::chrono::hours(1)}), 2);
  EXPECT_EQ(action.async().get(), 3);
  ASSERT_EQ(host->sent.size(), 3u);
  for (const Sent& sent : host->sent) EXPECT_EQ(sent.arguments, Value(Array{2, 3}));
  EXPECT_NE(host->sent[0].transaction, host->sent[1].transaction);
  EXPECT_EQ(action.name_space(), "axis.add");
}

TEST_F(ApiActionTest, goes_to_whom_it_is_aimed_at_and_its_origin_stays_as_it_was) {
  host->on_sent = [](const Sent& sent) { sent.answer(0); };
  Peer peer;
  peer.id = 42;
  const auto action = axis.motor.turn(1);
  action.to(peer).call();
  EXPECT_EQ(host->last().target.kind, Kind::peer);
  EXPECT_EQ(host->last().target.peer, 42u);
  action.any().call();
  EXPECT_EQ(host->last().target.kind, Kind::any);
  action.local().call();
  EXPECT_EQ(host->last().target.kind, Kind::local);
  action.call();
  EXPECT_EQ(host->last().target.kind, Kind::automatic);
  EXPECT_EQ(host->last().name_space, "axis.motor.turn");
  EXPECT_EQ(host->last().root, root_of(axis).get());
  EXPECT_FALSE(host->last().event);
}

TEST_F(ApiActionTest, throws_or_gives_what_the_call_came_to) {
  host->on_sent = [](const Sent& sent) {
    sent.fail(make_error<OverloadedError>("too much", sent.transaction->context(Execution::not_run)));
  };
  EXPECT_THROW(axis.add(1, 2).call(), OverloadedError);
  EXPECT_THROW(axis.home().call(), OverloadedError);
  const auto result = axis.add(1, 2).try_call();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::overloaded);
  EXPECT_EQ(result.error().name_space(), "axis.add");
  EXPECT_THROW(axis.add(1, 2).async().get(), OverloadedError);
  host->on_sent = nullptr;
  EXPECT_THROW(axis.add(1, 2).call(), TransactionTimeout);
}

TEST_F(ApiActionTest, gives_a_result_that_cannot_be_copied_to_its_only_reader) {
  using Owned = std::unique_ptr<int>;
  host->on_sent = [](const Sent& sent) {
    if (sent.how == Sent::How::submitted) sent.progress(1);
    sent.answer(5);
  };
  const auto action = ApiProxy("axis", host).action("add", 2, 3).as<Owned>();
  EXPECT_EQ(*action.call(), 5);
  EXPECT_EQ(*action.try_call().value(), 5);
  int told = 0;
  const auto reporting = action.on_progress<int>([&](int) { ++told; });
  EXPECT_EQ(*reporting.call(), 5);
  EXPECT_EQ(*reporting.try_call().value(), 5);
  EXPECT_EQ(told, 2);
  const auto awaiting = [&]() -> Task<int> {
    const auto owned = co_await action;
    co_return *owned;
  };
  EXPECT_EQ(awaiting().get(), 5);
}

TEST_F(ApiActionTest, gives_all_parts_that_came_before_its_end_to_who_asks_at_times) {
  for (int round = 0; round < 1000; ++round) {
    auto stream = axis.add(2, 3).stream<int>();
    std::thread answering([sent = host->last()] {
      sent.progress(1);
      sent.answer(5);
    });
    int parts = 0;
    for (bool ended = false; !ended;) {
      try {
        if (stream.next(Duration(0))) {
          ++parts;
        } else {
          ended = true;
        }
      } catch (const TransactionTimeout&) {
        // Neither a part nor the end yet.
      }
    }
    answering.join();
    ASSERT_EQ(parts, 1);
    host->sent.clear();
  }
}

TEST_F(ApiActionTest, fails_with_a_mismatch_if_the_answer_is_of_another_type) {
  host->on_sent = [](const Sent& sent) { sent.answer(std::string("five")); };
  try {
    axis.add(2, 3).call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const ContractMismatchError& error) {
    EXPECT_EQ(error.execution(), Execution::ran);
    EXPECT_NE(std::string(error.what()).find("axis.add"), std::string::npos) << error.what();
  }
  axis.home().call();  // where nothing is expected, anything will do
}

TEST_F(ApiActionTest, throws_what_kept_a_post_from_being_sent_unless_it_is_to_be_ignored) {
  host->post_error = make_error<OverloadedError>("full");
  EXPECT_THROW(axis.home().post(), OverloadedError);
  EXPECT_THROW(axis.moved(1.0).post(), OverloadedError);
  EXPECT_THROW(axis.moved(1.0)(), OverloadedError);
  axis.home().post({.ignore_errors = true});
  axis.moved(1.0).post({.ignore_errors = true});
  EXPECT_EQ(host->sent.size(), 5u);
}

TEST_F(ApiActionTest, of_an_event_says_so_and_may_go_to_one_peer) {
  axis.moved(2.5).post();
  EXPECT_TRUE(host->last().event);
  EXPECT_EQ(host->last().how, Sent::How::posted);
  EXPECT_EQ(host->last().name_space, "axis.moved");
  EXPECT_EQ(host->last().arguments, Value(Array{2.5}));
  EXPECT_EQ(host->last().target.kind, Kind::automatic);
  Peer peer;
  peer.id = 9;
  axis.moved(2.5).to(peer)();
  EXPECT_EQ(host->last().target.kind, Kind::peer);
  EXPECT_EQ(host->last().target.peer, 9u);
}

TEST(ApiActionOfALonelyApi, fails_with_an_error_that_says_that_it_is_attached_to_nothing) {
  AxisApi axis("axis");
  for (const auto& error : {axis.add(1, 2).try_call().error_pointer(), axis.add(1, 2).async().error(),
                            axis.add(1, 2).local().try_call().error_pointer()}) {
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::transport_disconnected);
    EXPECT_EQ(error->execution(), Execution::not_sent);
    EXPECT_EQ(error->name_space(), "axis.add");
    EXPECT_STREQ(error->what(), "axis.add cannot be called: its API is attached to no ApiArb");
  }
  EXPECT_THROW(axis.moved(1.0).post(), TransportDisconnectedError);
  axis.moved(1.0).post({.ignore_errors = true});
}

TEST(ApiActionOfALonelyApi, works_again_when_it_is_attached_again) {
  AxisApi axis("axis");
  const auto action = axis.add(1, 2);
  for (int round = 0; round < 2; ++round) {
    EXPECT_THROW(action.call(), TransportDisconnectedError);
    const auto host = std::make_shared<FakeHost>();
    host->on_sent = [](const Sent& sent) { sent.answer(3); };
    host->attach(axis);
    EXPECT_EQ(action.call(), 3);
    host->detach(*root_of(axis));
  }
  const auto host = std::make_shared<FakeHost>();
  host->attach(axis);
  root_of(axis)->detached(true);  // its host was stopped
  EXPECT_THROW(action.call(), TransportFinishedError);
}

}  // namespace
}  // namespace vagus::testing
