// run_until_signal().

#include <csignal>
#include <stdexcept>
#include <thread>

#include "conformance/conformance.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

volatile std::sig_atomic_t former_handler_ran = 0;

class RunUntilSignal : public ::testing::TestWithParam<int> {};

TEST_P(RunUntilSignal, ends_on_the_signal_and_puts_the_former_handler_back) {
  const std::string url = unique_url("shm");
  Process child([&] {
    std::signal(GetParam(), [](int) { former_handler_ran = 1; });
    SampleService service;
    SampleApi served("sample");
    const auto serving = serve(served, service);
    ApiArb body(listen(url), {.name = "body"});
    body.attach(served);
    body.run_until_signal();
    EXPECT_EQ(former_handler_ran, 0);
    std::raise(GetParam());
    EXPECT_EQ(former_handler_ran, 1);
  });
  SampleApi called("sample");
  ApiArb head(connect(url), {.name = "head"});
  head.attach(called);
  EXPECT_EQ(called.add(1, 2).call(), 3);  // it runs, and listens to signals since before it did
  child.signal(GetParam());
  EXPECT_EQ(child.wait(), 0);
}

INSTANTIATE_TEST_SUITE_P(Of, RunUntilSignal, ::testing::Values(SIGINT, SIGTERM),
                         [](const auto& number) { return number.param == SIGINT ? "SIGINT" : "SIGTERM"; });

TEST(RunUntilSignalTwice, is_refused_while_another_is_under_way_and_possible_after_it) {
  const std::string url = unique_url("inproc");
  ApiArb first(listen(url), {.name = "first"});
  ApiArb head(connect(url), {.name = "head"});
  std::thread running([&] { first.run_until_signal(); });
  head.wait_open(generous);  // by now it runs
  ApiArb second(listen(unique_url("inproc")), {.name = "second"});
  EXPECT_THROW(second.run_until_signal(), std::logic_error);
  first.stop();
  running.join();
  ApiArb third(listen(unique_url("inproc")), {.name = "third"});
  std::thread stopper([&] { third.stop(); });
  third.run_until_signal();
  stopper.join();
}

}  // namespace
}  // namespace vagus::testing
