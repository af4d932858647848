#include <string>

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

}  // namespace
}  // namespace vagus::testing
