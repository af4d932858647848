#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <vagus/api/boost_future.hpp>

#include "api/axis_api.hpp"
#include "api/fake_host.hpp"

namespace vagus::testing {
namespace {

class BoostFuture : public ::testing::Test {
 protected:
  BoostFuture() { host->attach(axis); }

  const std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
  AxisApi axis{"axis"};
};

TEST_F(BoostFuture, becomes_ready_with_the_call) {
  auto future = to_boost_future(axis.add(1, 2).async());
  EXPECT_FALSE(future.is_ready());
  host->last().answer(3);
  ASSERT_TRUE(future.is_ready());
  EXPECT_EQ(future.get(), 3);
}

TEST_F(BoostFuture, has_the_error_with_its_type) {
  auto future = to_boost_future(axis.add(1, 2).async());
  host->last().fail(make_error<OverloadedError>("too much", {"axis.add"}));
  ASSERT_TRUE(future.is_ready());
  EXPECT_THROW(future.get(), OverloadedError);
  auto nothing = to_boost_future(axis.home().async());
  host->last().fail(make_error<TransactionTimeout>("too late"));
  EXPECT_THROW(nothing.get(), TransactionTimeout);
}

TEST_F(BoostFuture, of_nothing_becomes_ready_too) {
  auto future = to_boost_future(axis.home().async());
  host->last().answer(nullptr);
  ASSERT_TRUE(future.is_ready());
  EXPECT_NO_THROW(future.get());
}

TEST_F(BoostFuture, of_a_call_that_has_ended_is_ready_at_once) {
  host->on_sent = [](const Sent& sent) { sent.answer(7); };
  auto future = to_boost_future(axis.add(1, 2).async());
  ASSERT_TRUE(future.is_ready());
  EXPECT_EQ(future.get(), 7);
}

TEST_F(BoostFuture, may_be_followed_by_more_work) {
  auto doubled = to_boost_future(axis.add(1, 2).async()).then(boost::launch::sync, [](auto future) {
    return future.get() * 2;
  });
  EXPECT_FALSE(doubled.is_ready());
  host->last().answer(3);
  EXPECT_EQ(doubled.get(), 6);
}

TEST_F(BoostFuture, hands_its_error_to_what_follows) {
  auto told = to_boost_future(axis.add(1, 2).async()).then(boost::launch::sync, [](auto future) {
    try {
      return std::to_string(future.get());
    } catch (const OverloadedError& error) {
      return std::string(error.what());
    }
  });
  host->last().fail(make_error<OverloadedError>("too much"));
  EXPECT_EQ(told.get(), "too much");
}

TEST_F(BoostFuture, may_be_waited_for_with_others) {
  auto first = to_boost_future(axis.add(1, 2).async());
  const auto answer_first = host->last();
  auto second = to_boost_future(axis.add(3, 4).async());
  auto both = boost::when_all(std::move(first), std::move(second));
  host->last().answer(7);
  EXPECT_FALSE(both.is_ready());
  answer_first.answer(3);
  auto results = both.get();
  EXPECT_EQ(boost::csbl::get<0>(results).get(), 3);
  EXPECT_EQ(boost::csbl::get<1>(results).get(), 7);
}

}  // namespace
}  // namespace vagus::testing
