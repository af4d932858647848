// The outcome of a call that nobody waits for yet.

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/axis_api.hpp"
#include "api/fake_host.hpp"
#include "support/core/flag.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

class AsyncResultTest : public ::testing::Test {
 protected:
  AsyncResultTest() { host->attach(axis, workers); }

  ErrorPtr failure() const { return make_error<OverloadedError>("too much", {"axis.add"}); }

  const std::shared_ptr<LaterExecutor> workers = std::make_shared<LaterExecutor>();
  std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
  AxisApi axis{"axis"};
};

TEST_F(AsyncResultTest, is_pending_until_its_call_has_ended_and_keeps_the_value) {
  const AsyncResult<int> pending = axis.add(1, 2).async();
  EXPECT_FALSE(pending.ready());
  EXPECT_EQ(pending.state(), TransactionState::pending);
  EXPECT_EQ(pending.error(), nullptr);
  EXPECT_FALSE(pending.id());
  EXPECT_FALSE(pending.wait(Duration(0)));
  const auto elapsed = pending.elapsed();
  EXPECT_GE(elapsed, Duration(0));
  host->last().transaction->filed(TransactionId(Side::head, 17), 1);
  host->last().answer(3);
  EXPECT_TRUE(pending.ready());
  EXPECT_EQ(pending.state(), TransactionState::completed);
  EXPECT_EQ(pending.error(), nullptr);
  EXPECT_EQ(pending.id(), TransactionId(Side::head, 17));
  EXPECT_TRUE(pending.wait());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pending.get(), 3);
    EXPECT_EQ(pending.get(1ms), 3);
    EXPECT_EQ(pending.result().value(), 3);
  }
  EXPECT_GE(pending.elapsed(), elapsed);
  EXPECT_EQ(pending.elapsed(), pending.elapsed());
}

TEST_F(AsyncResultTest, keeps_the_error_that_came_instead) {
  const auto pending = axis.add(1, 2).async();
  host->last().fail(failure());
  EXPECT_EQ(pending.state(), TransactionState::failed);
  for (int i = 0; i < 3; ++i) EXPECT_THROW(pending.get(), OverloadedError);
  EXPECT_THROW(pending.get(1ms), OverloadedError);
  ASSERT_NE(pending.error(), nullptr);
  EXPECT_STREQ(pending.error()->what(), "too much");
  EXPECT_FALSE(pending.result().has_value());
}

TEST_F(AsyncResultTest, has_only_the_first_outcome) {
  const auto pending = axis.add(1, 2).async();
  host->last().answer(3);
  host->last().fail(failure());
  host->last().answer(4);
  EXPECT_EQ(pending.get(), 3);
}

TEST_F(AsyncResultTest, of_nothing_says_whether_it_went_well) {
  const auto well = axis.home().async();
  host->last().answer(nullptr);
  well.get();
  EXPECT_TRUE(well.result().has_value());
  const auto ill = axis.home().async();
  host->last().fail(failure());
  EXPECT_THROW(ill.get(), OverloadedError);
  EXPECT_FALSE(ill.result().has_value());
}

TEST_F(AsyncResultTest, gives_up_waiting_but_not_the_call) {
  const auto pending = axis.add(1, 2).async();
  try {
    pending.get(1ms);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const TransactionTimeout& error) {
    EXPECT_EQ(error.name_space(), "axis.add");
    EXPECT_EQ(error.execution(), Execution::unknown);
    EXPECT_NE(std::string(error.what()).find("goes on"), std::string::npos) << error.what();
  }
  EXPECT_EQ(pending.state(), TransactionState::pending);
  EXPECT_EQ(host->cancels, 0);
  host->last().answer(3);
  EXPECT_EQ(pending.get(1ms), 3);
}

TEST_F(AsyncResultTest, asks_its_host_to_help_while_it_waits) {
  const auto pending = axis.add(1, 2).async();
  EXPECT_FALSE(pending.wait(1ms));
  EXPECT_EQ(host->waits, 1);
  std::thread answering([sent = host->last()] { sent.answer(3); });
  EXPECT_EQ(pending.get(), 3);
  answering.join();
  const int waits = host->waits;
  EXPECT_TRUE(pending.wait());
  EXPECT_EQ(host->waits, waits);  // nothing to wait for
}

TEST_F(AsyncResultTest, is_cancelled_once_through_its_host) {
  const auto pending = axis.add(1, 2).async();
  EXPECT_TRUE(pending.cancel());
  EXPECT_EQ(host->cancels, 1);
  EXPECT_TRUE(pending.ready());
  EXPECT_EQ(pending.state(), TransactionState::cancelled);
  EXPECT_THROW(pending.get(), TransactionCancelled);
  EXPECT_FALSE(pending.cancel());
  EXPECT_EQ(host->cancels, 1);
  host->last().answer(3);  // too late
  EXPECT_THROW(pending.get(), TransactionCancelled);
}

TEST_F(AsyncResultTest, of_a_call_that_has_ended_cannot_be_cancelled) {
  const auto pending = axis.add(1, 2).async();
  host->last().answer(3);
  EXPECT_FALSE(pending.cancel());
  EXPECT_EQ(host->cancels, 0);
  EXPECT_EQ(pending.get(), 3);
}

TEST_F(AsyncResultTest, works_on_without_its_host) {
  const auto answered = axis.add(1, 2).async();
  const auto given_up = axis.add(3, 4).async();
  const std::vector<Sent> sent = host->sent;
  host->detach(*root_of(axis));
  host.reset();
  EXPECT_FALSE(answered.wait(1ms));
  sent[0].answer(3);
  EXPECT_EQ(answered.get(), 3);
  EXPECT_TRUE(given_up.cancel());
  EXPECT_THROW(given_up.get(), TransactionCancelled);
}

TEST_F(AsyncResultTest, looks_the_same_through_each_copy_and_may_be_dropped) {
  auto original = std::make_unique<AsyncResult<std::string>>(axis.echo("here").async());
  const AsyncResult<std::string> copy = *original;
  original.reset();
  static_cast<void>(axis.echo("nobody asks").async());
  EXPECT_EQ(host->cancels, 0);
  host->sent[1].answer(std::string("nobody hears"));
  host->sent[0].answer(std::string("there"));
  EXPECT_EQ(copy.get(), "there");
}

TEST_F(AsyncResultTest, has_a_callback_called_once_where_the_api_has_them_called) {
  std::vector<int> heard;
  axis.add(1, 2).async([&](const Result<int>& result) { heard.push_back(result.value_or(-1)); });
  EXPECT_EQ(workers->waiting(), 0u);
  host->last().answer(3);
  host->last().answer(4);
  EXPECT_TRUE(heard.empty());  // not on the thread that brings the answer
  EXPECT_EQ(workers->waiting(), 1u);
  workers->run_all();
  EXPECT_EQ(heard, std::vector<int>{3});
  axis.add(1, 2).async([&](const Result<int>& result) { heard.push_back(result.value_or(-1)); });
  host->last().fail(failure());
  workers->run_all();
  EXPECT_EQ(heard, (std::vector<int>{3, -1}));
}

TEST_F(AsyncResultTest, has_a_callback_called_where_the_call_says) {
  LaterExecutor mine;
  int heard = 0;
  axis.add(1, 2).async([&](const Result<int>& result) { heard = result.value(); }, {.on = mine});
  host->last().answer(3);
  EXPECT_EQ(workers->waiting(), 0u);
  ASSERT_EQ(mine.waiting(), 1u);
  mine.run_all();
  EXPECT_EQ(heard, 3);
}

TEST_F(AsyncResultTest, has_a_callback_that_brings_along_what_it_needs) {
  int heard = 0;
  axis.add(1, 2).async([&heard, kept = std::make_shared<int>(40)](Result<int> result) mutable {
    heard = *kept + result.value();
    kept.reset();
  });
  host->last().answer(2);
  workers->run_all();
  EXPECT_EQ(heard, 42);
}

TEST_F(AsyncResultTest, releases_a_semaphore_once_when_it_can_be_read) {
  Flag released;
  const auto pending = axis.add(1, 2).async(vagus::release(released));
  EXPECT_FALSE(released.raised());
  host->last().answer(3);
  EXPECT_TRUE(released.raised());
  EXPECT_TRUE(pending.ready());
  EXPECT_EQ(pending.get(), 3);
  pending.cancel();
  EXPECT_EQ(released.times(), 1u);
}

TEST_F(AsyncResultTest, runs_what_then_was_given_before_and_after_the_end) {
  std::vector<std::string> heard;
  const auto pending = axis.add(1, 2).async();
  pending.then(
      [&](const Result<int>& result) { heard.push_back("first " + std::to_string(result.value())); });
  pending.then(
      [&](const Result<int>& result) { heard.push_back("second " + std::to_string(result.value())); });
  host->last().answer(3);
  workers->run_all();
  pending.then(
      [&](const Result<int>& result) { heard.push_back("third " + std::to_string(result.value())); });
  workers->run_all();
  EXPECT_EQ(heard, (std::vector<std::string>{"first 3", "second 3", "third 3"}));
}

TEST_F(AsyncResultTest, has_a_callback_that_cannot_be_copied) {
  std::vector<int> heard;
  const auto hear = [&] {
    return [&heard, kept = std::make_unique<int>(40)](const Result<int>& result) {
      heard.push_back(*kept + result.value());
    };
  };
  axis.add(1, 2).async(hear());
  host->last().answer(2);
  const auto pending = axis.add(1, 2).on_progress<int>([](int) {}).async(hear());
  pending.then(hear());
  host->last().answer(3);
  workers->run_all();
  EXPECT_EQ(heard, (std::vector<int>{42, 43, 43}));
}

TEST_F(AsyncResultTest, ends_after_the_callback_that_it_is_cancelled_in) {
  std::unique_ptr<AsyncResult<int>> pending;
  int told = 0;
  const auto action = axis.add(1, 2).on_progress<int>([&](int) {
    ++told;
    EXPECT_TRUE(pending->cancel());
    EXPECT_FALSE(pending->cancel());
    EXPECT_FALSE(pending->ready());
  });
  pending = std::make_unique<AsyncResult<int>>(action.async());
  for (int part = 0; part < 3; ++part) host->last().progress(part);
  workers->run_all();
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(pending->ready());
  EXPECT_THROW(pending->get(), TransactionCancelled);
}

TEST_F(AsyncResultTest, that_is_given_up_waits_for_no_callback_that_has_not_begun) {
  int told = 0;
  const auto action = axis.add(1, 2).on_progress<int>([&](int) { ++told; });
  const auto cancelled = action.async();
  host->last().progress(1);
  EXPECT_TRUE(cancelled.cancel());
  EXPECT_TRUE(cancelled.ready());
  const auto late = action.async();
  host->last().progress(1);
  host->last().transaction->time_out(make_error<TransactionTimeout>("too late"));
  EXPECT_TRUE(late.ready());
  EXPECT_EQ(workers->waiting(), 2u);
  workers->run_all();
  EXPECT_EQ(told, 0);
  EXPECT_THROW(cancelled.get(), TransactionCancelled);
  EXPECT_THROW(late.get(), TransactionTimeout);
}

TEST_F(AsyncResultTest, that_is_answered_and_then_given_up_waits_for_no_callback_that_has_not_begun) {
  int told = 0;
  const auto action = axis.add(1, 2).on_progress<int>([&](int) { ++told; });
  const std::vector<std::function<bool(const AsyncResult<int>&)>> ways{
      [&](const auto&) {
        return host->last().transaction->time_out(make_error<TransactionTimeout>("too late"));
      },
      [&](const auto& pending) { return pending.cancel(); },
      [&](const auto&) { return host->last().transaction->fail(failure()); }};
  for (const auto& give_up : ways) {
    const auto pending = action.async();
    host->last().progress(1);
    host->last().answer(3);
    EXPECT_FALSE(pending.ready());
    EXPECT_FALSE(give_up(pending));
    ASSERT_TRUE(pending.ready());
    EXPECT_EQ(pending.get(), 3);
  }
  EXPECT_EQ(workers->waiting(), 3u);
  workers->run_all();
  EXPECT_EQ(told, 0);
}

TEST_F(AsyncResultTest, that_is_answered_and_then_given_up_in_a_callback_ends_after_that_one) {
  std::unique_ptr<AsyncResult<int>> pending;
  int told = 0;
  const auto action = axis.add(1, 2).on_progress<int>([&](int) {
    ++told;
    host->last().answer(3);
    EXPECT_FALSE(host->last().transaction->time_out(make_error<TransactionTimeout>("too late")));
    EXPECT_FALSE(pending->ready());
  });
  pending = std::make_unique<AsyncResult<int>>(action.async());
  for (int part = 0; part < 3; ++part) host->last().progress(part);
  workers->run_all();
  EXPECT_EQ(told, 1);
  ASSERT_TRUE(pending->ready());
  EXPECT_EQ(pending->get(), 3);
}

TEST_F(AsyncResultTest, ends_though_its_executor_takes_no_callback_for_its_progress) {
  /// Takes so many.
  class Closing final : public Executor {
   public:
    explicit Closing(int room) : room_(room) {}
    void execute(std::function<void()> work) override {
      if (room_-- == 0) throw std::runtime_error("this executor is closed");
      taken.execute(std::move(work));
    }
    LaterExecutor taken;

   private:
    int room_;
  };
  int told = 0;
  const auto action = axis.add(1, 2).on_progress<int>([&](int) { ++told; });
  Closing closed(0);
  const auto first = action.async({.on = closed});
  EXPECT_NO_THROW(host->last().progress(1));
  EXPECT_EQ(first.state(), TransactionState::cancelled);

  Closing closing(1);
  const auto second = action.async({.on = closing});
  for (int part = 0; part < 3; ++part) host->last().progress(part);
  closing.taken.run_all();
  EXPECT_EQ(second.state(), TransactionState::cancelled);
  EXPECT_EQ(host->cancels, 2);

  // Its answer has come before that, and counts.
  Closing closing_later(1);
  const auto third = action.async({.on = closing_later});
  for (int part = 0; part < 3; ++part) host->last().progress(part);
  host->last().answer(3);
  EXPECT_FALSE(third.ready());
  closing_later.taken.run_all();
  ASSERT_TRUE(third.ready());
  EXPECT_EQ(third.get(), 3);
  EXPECT_EQ(told, 2);
}

TEST_F(AsyncResultTest, lets_a_coroutine_go_on_where_callbacks_run) {
  int sum = 0;
  const auto coroutine = [&]() -> Task<void> {
    const auto first = axis.add(1, 2);
    sum += co_await first;
    const auto second = axis.add(3, 4).async();
    sum += co_await second;
  };
  auto task = coroutine();
  task.start();
  ASSERT_EQ(host->sent.size(), 1u);
  host->last().answer(3);
  EXPECT_EQ(sum, 0);
  workers->run_all();
  EXPECT_EQ(sum, 3);
  ASSERT_EQ(host->sent.size(), 2u);
  host->last().answer(7);
  workers->run_all();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(sum, 10);
}

TEST_F(AsyncResultTest, ends_with_a_cancellation_whatever_a_cancelled_coroutine_awaits) {
  std::string story;
  const auto coroutine = [&]() -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      const auto add = axis.add(i, i);
      try {
        story += std::to_string(co_await add);
      } catch (const TransactionCancelled&) {
        story += "cancelled ";
      }
    }
  };
  auto task = coroutine();
  task.start();
  task.cancel();
  host->on_sent = [](const Sent& sent) { sent.answer(1); };  // whoever asks now is answered at once
  workers->run_all();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(story, "cancelled cancelled cancelled ");
}

TEST_F(AsyncResultTest, keeps_no_cancelled_coroutine_waiting_for_a_callback_that_has_not_begun) {
  int told = 0;
  const auto coroutine = [&]() -> Task<int> {
    const auto reporting = axis.add(1, 2).on_progress<int>([&](int) { ++told; });
    const auto reported = reporting.async();
    const auto home = axis.home();
    try {
      co_await home;
    } catch (const TransactionCancelled&) {
      // It goes on to what was answered already, but for the callback, which is to run here.
    }
    co_return co_await reported;
  };
  auto task = coroutine();
  task.start();
  ASSERT_EQ(host->sent.size(), 2u);
  task.cancel();
  host->sent[0].progress(1);
  host->sent[0].answer(3);
  workers->run_all();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take(), 3);
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace vagus::testing
