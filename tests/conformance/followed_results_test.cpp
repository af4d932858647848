// Results of calls that are followed when those who could bring them have gone, or fail to.

#include <stdexcept>
#include <vector>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class FollowedResults : public Conformance {};

TEST_P(FollowedResults, call_back_also_when_their_arbitrator_has_gone) {
  auto pair = std::make_unique<Pair>(url());
  const auto pending = pair->called.add(1, 2).async();
  ASSERT_TRUE(pending.wait(generous));
  const auto by_name = pair->head.proxy("sample").action("add", 3, 4).async<int>();
  ASSERT_TRUE(by_name.wait(generous));
  pair.reset();
  std::vector<int> seen;
  pending.then([&](const Result<int>& result) { seen.push_back(result.value()); });
  by_name.then([&](const Result<int>& result) { seen.push_back(result.value()); });
  EXPECT_EQ(seen, (std::vector<int>{3, 7}));
}

TEST_P(FollowedResults, of_calls_after_the_stop_call_back_too) {
  Pair pair(url());
  pair.open();
  const ApiProxy proxy = pair.head.proxy("sample");
  pair.head.stop();
  ErrorPtr error;
  proxy.action("add", 1, 2).async<int>([&](const Result<int>& result) { error = result.error_pointer(); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transport_finished);
}

Task<int> awaiting(const SampleApi& api) {
  const auto add = api.add(1, 2);
  co_return co_await add;
}

TEST_P(FollowedResults, of_calls_after_the_stop_let_a_coroutine_go_on) {
  Pair pair(url());
  pair.open();
  pair.head.stop();
  Task<int> task = awaiting(pair.called);
  EXPECT_THROW(task.get(), Error);
}

TEST_P(FollowedResults, whose_executor_throws_keep_no_other_call_from_its_deadline_or_its_end) {
  class Closed final : public Executor {
   public:
    void execute(std::function<void()>) override {
      asked.add();
      throw std::runtime_error("this executor is closed");
    }
    Tally asked;
  };
  Closed closed;
  Stage stage;
  Pair pair(url(), {.workers = 2});
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.open();
  for (int number = 0; number < 3; ++number) {
    pair.called.work(number).async([](const Result<int>&) {}, {.timeout = 10ms, .on = closed});
  }
  ASSERT_TRUE(closed.asked.await(3));
  const auto in_time = pair.called.work(9).async({.timeout = 10ms});
  ASSERT_TRUE(in_time.wait(generous));
  EXPECT_THROW(in_time.get(), TransactionTimeout);

  // And so at the end of a link.
  pair.called.work(1).async([](const Result<int>&) {}, {.timeout = no_timeout, .on = closed});
  const auto lost = pair.called.work(1).async({.timeout = no_timeout});
  stage.open();
  pair.body.stop(0ms);
  EXPECT_TRUE(lost.wait(generous));
}

VAGUS_OVER_EACH_TRANSPORT(FollowedResults);

}  // namespace
}  // namespace vagus::testing
