// Values that cannot be sent.

#include <chrono>
#include <limits>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

using Seconds = std::chrono::duration<double>;

class ClockApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(Seconds)> wait{this, "wait"};
  Method<Seconds(int)> left{this, "left"};
};

const Seconds no_time{std::numeric_limits<double>::quiet_NaN()};

class Unpackable : public Conformance {
 protected:
  Unpackable() {
    served.wait.handle([](Seconds) { return 1; });
    served.left.handle([](int number) { return number == 0 ? no_time : Seconds(number); });
    body.attach(served);
    head.attach(called);
  }

  void expect_refused(const ErrorPtr& error) {
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::api_param) << error->what();
    EXPECT_EQ(error->execution(), Execution::not_sent);
    EXPECT_EQ(error->name_space(), "clock.wait");
    EXPECT_EQ(head.stats().calls_pending, 0u);
  }

  ClockApi served{"clock"};
  ClockApi called{"clock"};
  ApiArb body{listen(url()), {.name = "body"}};
  ApiArb head{connect(url()), {.name = "head"}};
};

TEST_P(Unpackable, arguments_are_refused_where_the_call_is_made) {
  body.start();
  EXPECT_EQ(called.wait(Seconds(1)).call(), 1);
  expect_refused(error_of(called.wait(no_time)));
  expect_refused(called.wait(no_time).async({.timeout = no_timeout}).error());
  EXPECT_NO_THROW(called.wait(no_time).post({.ignore_errors = true}));
  EXPECT_EQ(called.wait(Seconds(1)).call(), 1);
}

TEST_P(Unpackable, arguments_are_refused_before_any_link_is_open_too) {
  Flag told;
  expect_refused(error_of(called.wait(no_time)));
  const auto pending =
      called.wait(no_time).async([&](const Result<int>&) { told.raise(); }, {.timeout = no_timeout});
  EXPECT_TRUE(told.await());
  expect_refused(pending.error());
  body.start();
  EXPECT_EQ(called.wait(Seconds(1)).call(), 1);
}

TEST_P(Unpackable, arguments_are_refused_by_the_own_process_too) {
  const auto error = error_of(served.wait(no_time).local());
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::api_param);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_EQ(served.wait(Seconds(1)).local().call(), 1);
}

TEST_P(Unpackable, results_are_an_error_of_the_handler) {
  body.start();
  EXPECT_EQ(called.left(2).call(), Seconds(2));
  for (const auto& error : {error_of(called.left(0)), error_of(served.left(0).local())}) {
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::remote) << error->what();
    EXPECT_EQ(error->execution(), Execution::ran);
  }
  EXPECT_EQ(called.left(3).call(), Seconds(3));
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Unpackable);

}  // namespace
}  // namespace vagus::testing
