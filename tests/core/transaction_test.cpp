#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/transaction.hpp>

namespace vagus {
namespace {

class IntCall final : public Transaction {
 public:
  explicit IntCall(Deadline deadline = Deadline::never())
      : Transaction(std::make_shared<const std::string>("machine.x.move_to"), deadline) {}
  std::size_t taken = 0;

 private:
  void take(std::span<const std::byte> result) override {
    if (result.empty()) throw std::runtime_error("expected an integer, found nothing");
    taken = result.size();
  }
};

const std::byte some_result[] = {std::byte{7}};

ErrorPtr an_error() { return make_error<TransactionTimeout>("too late", {"machine.x.move_to"}); }

TEST(Transaction, is_pending_until_it_ends_and_keeps_how_it_ended) {
  IntCall call;
  EXPECT_EQ(call.state(), TransactionState::pending);
  EXPECT_FALSE(call.done());
  EXPECT_TRUE(call.complete(some_result));
  EXPECT_EQ(call.state(), TransactionState::completed);
  EXPECT_EQ(call.taken, 1u);
  EXPECT_EQ(call.error(), nullptr);
}

TEST(Transaction, ends_only_once_whatever_comes_later) {
  IntCall call;
  EXPECT_TRUE(call.time_out(an_error()));
  EXPECT_FALSE(call.complete(some_result));
  EXPECT_FALSE(call.fail(an_error()));
  EXPECT_FALSE(call.cancel(an_error()));
  EXPECT_EQ(call.state(), TransactionState::timed_out);
  EXPECT_EQ(call.taken, 0u);
}

TEST(Transaction, is_ended_by_exactly_one_of_many_racing_threads) {
  for (int round = 0; round < 200; ++round) {
    IntCall call;
    std::atomic<int> followers{0};
    call.then(nullptr, [&] { ++followers; });
    std::atomic<int> winners{0};
    std::vector<std::thread> racers;
    for (int racer = 0; racer < 4; ++racer) {
      racers.emplace_back([&, racer] {
        const bool won = racer % 2 == 0 ? call.complete(some_result) : call.cancel(an_error());
        if (won) ++winners;
      });
    }
    for (auto& racer : racers) racer.join();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(followers, 1);
  }
}

TEST(Transaction, fails_with_a_contract_mismatch_if_the_result_is_of_the_wrong_type) {
  IntCall call;
  EXPECT_TRUE(call.complete({}));
  EXPECT_EQ(call.state(), TransactionState::failed);
  ASSERT_NE(call.error(), nullptr);
  EXPECT_EQ(call.error()->code(), ErrorCode::contract_mismatch);
  EXPECT_EQ(call.error()->execution(), Execution::ran);
  EXPECT_EQ(call.error()->name_space(), "machine.x.move_to");
}

TEST(Transaction, runs_what_follows_at_once_if_it_has_ended_already) {
  IntCall call;
  call.complete(some_result);
  bool ran = false;
  call.then(nullptr, [&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(Transaction, lets_a_waiter_go_when_it_ends) {
  IntCall call;
  std::thread ender([&] { call.complete(some_result); });
  EXPECT_TRUE(call.wait(Deadline::after(std::chrono::seconds(60))));
  ender.join();
  EXPECT_TRUE(call.done());
}

TEST(Transaction, lets_a_waiter_go_at_its_deadline_and_stays_pending) {
  IntCall call;
  EXPECT_FALSE(call.wait(Deadline::after(std::chrono::milliseconds(1))));
  EXPECT_EQ(call.state(), TransactionState::pending);
}

class CountingWatcher final : public Transaction::Watcher {
 public:
  void ended() noexcept override { ++count; }
  int count = 0;
};

TEST(Transaction, tells_its_watchers_once_and_not_those_that_left) {
  IntCall call;
  CountingWatcher stays;
  CountingWatcher leaves;
  EXPECT_TRUE(call.watch(stays));
  EXPECT_TRUE(call.watch(leaves));
  call.unwatch(leaves);
  call.complete(some_result);
  EXPECT_EQ(stays.count, 1);
  EXPECT_EQ(leaves.count, 0);
  EXPECT_FALSE(call.watch(leaves));
}

TEST(Transaction, stops_counting_its_time_when_it_ends) {
  IntCall call;
  call.complete(some_result);
  const auto first = call.elapsed();
  EXPECT_EQ(call.elapsed(), first);
  EXPECT_GE(first, Duration::zero());
}

/// What it was told, and whether the end could be seen then.
class Recorder final : public Transaction::Observer {
 public:
  void sending(const Peer&) noexcept override {}
  void ended(const Transaction& call, TransactionState state, const Error* error,
             Duration elapsed) noexcept override {
    ++times;
    seen_before = seen_before || call.done();
    how = state;
    code = error != nullptr ? std::optional(error->code()) : std::nullopt;
    took = elapsed;
  }
  int times = 0;
  bool seen_before = false;
  TransactionState how = TransactionState::pending;
  std::optional<ErrorCode> code;
  Duration took{-1};
};

TEST(Transaction, tells_its_observer_once_before_its_end_is_seen) {
  const auto recorder = std::make_shared<Recorder>();
  IntCall call;
  call.forgo_elapsed();
  call.observe(recorder);
  EXPECT_TRUE(call.time_out(an_error()));
  EXPECT_FALSE(call.complete(some_result));
  EXPECT_EQ(recorder->times, 1);
  EXPECT_FALSE(recorder->seen_before);
  EXPECT_EQ(recorder->how, TransactionState::timed_out);
  EXPECT_EQ(recorder->code, ErrorCode::transaction_timeout);
  EXPECT_GE(recorder->took, Duration::zero());
}

TEST(Transaction, is_counted_as_completed_only_if_it_is) {
  const auto recorder = std::make_shared<Recorder>();
  int completed = 0;
  const auto count = [&] { ++completed; };
  IntCall good;
  EXPECT_TRUE(good.complete(some_result, count));
  EXPECT_FALSE(good.complete(some_result, count));
  EXPECT_EQ(completed, 1);
  IntCall bad;
  bad.observe(recorder);
  EXPECT_TRUE(bad.complete({}, count));
  EXPECT_EQ(completed, 1);
  EXPECT_EQ(recorder->how, TransactionState::failed);
  EXPECT_EQ(recorder->code, ErrorCode::contract_mismatch);
}

}  // namespace
}  // namespace vagus
