// Replies that are given later, to many callers at once.

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class DeferredToMany : public Conformance {};

/// Keeps the replies that are owed and gives them in an order of its own.
class Debts {
 public:
  void owe(Reply<int> reply, int number) {
    const std::scoped_lock lock(mutex_);
    owed_.push_back({std::move(reply), number});
    tally_.add();
  }
  bool await(std::size_t count) const { return tally_.await(count); }
  void pay_all() {
    const std::scoped_lock lock(mutex_);
    std::shuffle(owed_.begin(), owed_.end(), std::mt19937(7));
    for (auto& [reply, number] : owed_) reply.complete(number * 2);
    owed_.clear();
  }

 private:
  struct Debt {
    Reply<int> reply;
    int number;
  };
  std::mutex mutex_;
  std::vector<Debt> owed_;
  Tally tally_;
};

TEST_P(DeferredToMany, threads_answers_each_its_own_while_events_pass_both_ways) {
  constexpr int threads_count = 50;
  constexpr int events = 25;
  Debts debts;
  Tally at_body;
  Tally at_head;
  std::array<std::atomic<int>, threads_count> answers{};
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) { debts.owe(call.defer<int>(), number); });
  const auto body_hears = pair.called_desk.ticked.subscribe([&](int) { at_body.add(); });
  const auto head_hears = pair.called.ticked.subscribe([&](int) { at_head.add(); });
  pair.open();
  pair.called.nothing().call();  // both sides know what the other listens to
  pair.called_desk.nothing().call();

  std::vector<std::thread> threads;
  for (int number = 0; number < threads_count; ++number) {
    threads.emplace_back(
        [&, number] { answers[static_cast<std::size_t>(number)] = pair.called.work(number).call(); });
  }
  std::thread from_body([&] {
    for (int event = 0; event < events; ++event) pair.served.ticked(event).post();
  });
  std::thread from_head([&] {
    for (int event = 0; event < events; ++event) pair.desk.ticked(event).post();
  });
  EXPECT_TRUE(debts.await(threads_count));
  debts.pay_all();
  for (auto& thread : threads) thread.join();
  from_body.join();
  from_head.join();
  for (int number = 0; number < threads_count; ++number) {
    EXPECT_EQ(answers[static_cast<std::size_t>(number)], number * 2);
  }
  EXPECT_TRUE(at_body.await(events));
  EXPECT_TRUE(at_head.await(events));
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(DeferredToMany);

class DeferredForTooLong : public Conformance {};

/// Knows how often it was asked what it is.
class Asked : public std::exception {
 public:
  explicit Asked(Tally& tally) noexcept : tally_(&tally) {}
  const char* what() const noexcept override {
    tally_->add();
    return "asked";
  }

 private:
  Tally* tally_;
};

TEST_P(DeferredForTooLong, replies_use_nothing_that_the_program_may_have_destroyed_with_its_ApiArb) {
  Tally asked;
  std::vector<Reply<int>> owed;
  Tally deferred;
  auto types = std::make_unique<ExceptionTypes>();
  {
    Pair pair(url(), {.body = {.exceptions = types.get()}});
    pair.served.work.handle([&](Call& call, int) {
      owed.push_back(call.defer<int>());
      deferred.add();
      return 0;
    });
    const auto pending = pair.called.work(1).async();
    const auto local = pair.served.work(2).local().async();
    pair.called.work(3).post();
    pair.called.work(4).post();
    ASSERT_TRUE(deferred.await(4));
    pair.body.stop();
    types.reset();
    owed[0].fail(Asked(asked));
    owed[1].fail(Asked(asked));
    owed[2].fail(Asked(asked));
    owed.clear();  // drops the last one
    EXPECT_FALSE(pair.body_log.transcript().contains("nobody waits for"));
    EXPECT_THROW(pending.get(), Error);
    EXPECT_THROW(local.get(), TransportFinishedError);
  }
  EXPECT_EQ(asked.count(), 0u);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(DeferredForTooLong);

}  // namespace
}  // namespace vagus::testing
