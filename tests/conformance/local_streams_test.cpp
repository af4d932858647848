// Handlers that stream from their own process, with one worker for both ends.

#include <string>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class CountingApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<Streams<int, int>(int)> count{this, "count", "From 0 on; returns how many."};
  Method<int(int)> sum{this, "sum", "Of what `count` gives."};
};

/// An API whose `sum` needs its `count`, and one worker for them.
class LocalStreams : public ::testing::Test {
 protected:
  LocalStreams() { arb.attach(api); }

  int sum_of(int count) { return api.sum(count).local().call({.timeout = generous}); }

  CountingApi api{"counting", {.workers = 1}};
  ApiArb arb{listen(unique_url("inproc"))};
};

int send_numbers(Call& call, int count) {
  for (int number = 0; number < count; ++number) call.progress(number);
  return count;
}

// More than a handler may be ahead of its caller.
constexpr int many = 200;
constexpr int sum_of_many = many * (many - 1) / 2;

TEST_F(LocalStreams, of_a_handler_come_to_their_end_on_its_worker) {
  api.count.handle(send_numbers);
  api.sum.handle([&](int count) {
    int sum = 0;
    auto stream = api.count(count).local().stream();
    for (const int number : stream) sum += number;
    EXPECT_EQ(stream.get(), count);
    return sum;
  });
  EXPECT_EQ(sum_of(many), sum_of_many);
}

TEST_F(LocalStreams, of_a_handler_may_go_to_a_callback) {
  api.count.handle(send_numbers);
  api.sum.handle([&](int count) {
    int sum = 0;
    const auto add = [&](int number) { sum += number; };
    EXPECT_EQ(api.count(count).local().on_progress(add).call(), count);
    EXPECT_EQ(api.count(count).local().on_progress(add).async().get(), count);
    return sum;
  });
  EXPECT_EQ(sum_of(many), 2 * sum_of_many);
}

TEST_F(LocalStreams, of_a_handler_may_begin_while_it_waits_for_another_call) {
  api.count.handle(send_numbers);
  api.sum.handle([&](int count) {
    int sum = 0;
    auto stream = api.count(count).local().stream();
    EXPECT_EQ(api.count(0).local().call(), 0);  // the worker is here: it runs both
    for (const int number : stream) sum += number;
    return sum;
  });
  EXPECT_EQ(sum_of(many), sum_of_many);
}

TEST_F(LocalStreams, of_a_handler_leave_out_what_may_be_left_out) {
  api.count.handle([](Call& call, int) {
    int number = 0;
    while (call.try_progress(number)) ++number;
    return number;
  });
  api.sum.handle([&](int count) {
    int parts = 0;
    for ([[maybe_unused]] const int number : api.count(count).local().stream()) ++parts;
    return parts;
  });
  EXPECT_EQ(sum_of(many), 64);
}

TEST_F(LocalStreams, of_a_handler_that_have_no_end_are_refused_one_day) {
  api.count.handle([](Call& call, int) -> int {
    for (int number = 0;; ++number) call.progress(number);
  });
  std::string refusal;
  api.sum.handle([&](int count) {
    auto stream = api.count(count).local().stream();
    int parts = 0;
    try {
      while (stream.next()) ++parts;
    } catch (const Error& error) {
      refusal = error.what();
    }
    return parts;
  });
  EXPECT_EQ(sum_of(many), 65536);
  EXPECT_NE(refusal.find("on another thread"), std::string::npos) << refusal;
}

}  // namespace
}  // namespace vagus::testing
