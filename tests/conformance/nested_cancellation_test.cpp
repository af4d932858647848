// What a handler waits for when nobody waits for the handler any more.

#include <atomic>
#include <optional>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

/// A handler that stays until nobody waits for it any more.
struct Patient {
  Flag begun;
  Flag told;

  int operator()(Call& call, int number) {
    begun.raise();
    try {
      call.sleep_for(1h);
    } catch (const TransactionCancelled&) {
      told.raise();
      throw;
    }
    return number;
  }
};

class NestedCancellation : public Conformance {};

TEST_P(NestedCancellation, of_the_outer_call_reaches_the_inner_one_through_a_handler_that_waits_for_it) {
  Patient patient;
  Flag ended;
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) { return patient(call, number); });
  pair.served.work.handle([&](int number) {
    try {
      return pair.called_desk.work(number).call({.timeout = no_timeout});
    } catch (const TransactionCancelled&) {
      ended.raise();
      throw;
    }
  });
  const auto outer = pair.called.work(1).async({.timeout = no_timeout});
  ASSERT_TRUE(patient.begun.await());
  outer.cancel();
  EXPECT_TRUE(ended.await());
  EXPECT_TRUE(patient.told.await());
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);  // one worker: it is free again
}

TEST_P(NestedCancellation, comes_with_the_death_of_the_outer_caller_too) {
  Patient patient;
  Pair pair(url());
  pair.served.other.handle([&](Call& call, int number) { return patient(call, number); });
  SampleApi own("sample");
  pair.served.work.handle([&](int number) { return pair.served.other(number).local().call(); });
  auto caller = std::make_unique<ApiArb>(connect(url()), ArbOptions{.name = "another head"});
  caller->attach(own);
  const auto outer = own.work(1).async({.timeout = no_timeout});
  ASSERT_TRUE(patient.begun.await());
  caller.reset();
  EXPECT_TRUE(patient.told.await());
}

TEST_P(NestedCancellation, ends_one_wait_so_that_a_handler_may_clean_up) {
  Patient patient;
  Flag cleaned;
  std::atomic<int> answer{0};
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) { return patient(call, number); });
  pair.served.work.handle([&](int number) {
    if (!pair.called_desk.work(number).try_call()) answer = pair.called_desk.add(number, 41).call();
    cleaned.raise();
    return number;
  });
  const auto outer = pair.called.work(1).async();
  ASSERT_TRUE(patient.begun.await());
  outer.cancel();
  ASSERT_TRUE(cleaned.await());
  EXPECT_EQ(answer, 42);
}

TEST_P(NestedCancellation, before_the_handler_waits_has_it_wait_for_nothing_once) {
  Flag begun;
  Flag done;
  std::optional<Execution> execution;
  std::atomic<int> later{0};
  std::atomic<int> run{0};
  Pair pair(url());
  pair.desk.work.handle([&](int number) { return ++run, number; });
  pair.served.work.handle([&](Call& call, int number) {
    begun.raise();
    while (!call.stop_requested()) std::this_thread::yield();
    const auto refused = pair.called_desk.work(number).try_call();
    if (!refused && refused.error().code() == ErrorCode::transaction_cancelled) {
      execution = refused.error().execution();
    }
    later = pair.called_desk.work(number).call();
    done.raise();
    return number;
  });
  const auto outer = pair.called.work(7).async({.timeout = no_timeout});
  ASSERT_TRUE(begun.await());
  outer.cancel();
  ASSERT_TRUE(done.await());
  EXPECT_EQ(execution, Execution::not_sent);
  EXPECT_EQ(later, 7);
  EXPECT_EQ(run, 1);
}

TEST_P(NestedCancellation, does_not_touch_calls_that_are_made_without_waiting) {
  std::atomic<bool> told{false};
  Flag inside;
  Flag go_on;
  Flag left;
  Pair pair(url());
  std::optional<AsyncResult<int>> kept;
  pair.desk.work.handle([&](Call& call, int number) {
    inside.raise();
    go_on.await();
    told = call.stop_requested();
    return number;
  });
  pair.served.work.handle([&](Call& call, int number) {
    kept = pair.called_desk.work(number).async({.timeout = 10min});
    while (!call.stop_requested()) std::this_thread::yield();
    left.raise();
    return number;
  });
  const auto outer = pair.called.work(5).async({.timeout = no_timeout});
  ASSERT_TRUE(inside.await());
  outer.cancel();
  ASSERT_TRUE(left.await());
  pair.called.nothing().call();  // whatever was sent before its answer has come
  go_on.raise();
  EXPECT_EQ(kept->get(), 5);
  EXPECT_FALSE(told);
}

TEST_P(NestedCancellation, reaches_what_was_made_before_it_is_waited_for) {
  Patient patient;
  Flag ended;
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) { return patient(call, number); });
  pair.served.work.handle([&](int number) {
    const auto inner = pair.called_desk.work(number).async({.timeout = no_timeout});
    EXPECT_THROW(inner.get(), TransactionCancelled);
    ended.raise();
    return number;
  });
  const auto outer = pair.called.work(1).async({.timeout = no_timeout});
  ASSERT_TRUE(patient.begun.await());
  outer.cancel();
  EXPECT_TRUE(ended.await());
  EXPECT_TRUE(patient.told.await());
}

TEST_P(NestedCancellation, reaches_what_a_coroutine_awaits) {
  Patient patient;
  Flag ended;
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) { return patient(call, number); });
  pair.served.work.handle([&](int number) -> Task<int> {
    const auto nested = pair.called_desk.work(number).with({.timeout = no_timeout});
    try {
      co_return co_await nested;
    } catch (const TransactionCancelled&) {
      ended.raise();
      throw;
    }
  });
  const auto outer = pair.called.work(1).async({.timeout = no_timeout});
  ASSERT_TRUE(patient.begun.await());
  outer.cancel();
  EXPECT_TRUE(ended.await());
  EXPECT_TRUE(patient.told.await());
}

TEST_P(NestedCancellation, reaches_a_loop_over_parts) {
  Flag streaming;
  Flag told;
  Flag ended;
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) {
    call.progress(number);
    try {
      call.sleep_for(1h);
    } catch (const TransactionCancelled&) {
      told.raise();
      throw;
    }
    return number;
  });
  pair.served.work.handle([&](int number) {
    try {
      for (const int part : pair.called_desk.work(number).stream<int>({.timeout = no_timeout})) {
        if (part == number) streaming.raise();
      }
    } catch (const TransactionCancelled&) {
      ended.raise();
      throw;
    }
    return number;
  });
  const auto outer = pair.called.work(1).async({.timeout = no_timeout});
  ASSERT_TRUE(streaming.await());
  outer.cancel();
  EXPECT_TRUE(ended.await());
  EXPECT_TRUE(told.await());
}

TEST_P(NestedCancellation, reaches_all_peers_that_a_handler_asks_at_once) {
  Patient patient;
  Flag ended;
  std::atomic<bool> cancelled{false};
  Pair pair(url());
  pair.desk.work.handle([&](Call& call, int number) { return patient(call, number); });
  pair.served.work.handle([&](int number) {
    const auto results = pair.called_desk.work(number).all().call({.timeout = no_timeout});
    cancelled = results.size() == 1 && !results[0].result &&
                results[0].result.error().code() == ErrorCode::transaction_cancelled;
    ended.raise();
    return number;
  });
  const auto outer = pair.called.work(1).async({.timeout = no_timeout});
  ASSERT_TRUE(patient.begun.await());
  outer.cancel();
  ASSERT_TRUE(ended.await());
  EXPECT_TRUE(cancelled);
  EXPECT_TRUE(patient.told.await());
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(NestedCancellation);

}  // namespace
}  // namespace vagus::testing
