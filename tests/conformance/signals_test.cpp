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

// With a loop of the program's own, all is handled by the thread that waits for the signal.
TEST_P(RunUntilSignal, serves_a_foreign_loop_and_ends_on_the_signal) {
  const std::string url = unique_url("shm");
  Process child([&] {
    const auto here = std::this_thread::get_id();
    std::signal(GetParam(), [](int) { former_handler_ran = 1; });
    SampleApi served("sample");
    served.work.handle([&](int number) {
      EXPECT_EQ(std::this_thread::get_id(), here);
      return number;
    });
    Flag opened;
    ApiArb body(listen(url), {.name = "body", .loop = Loop::foreign});
    const auto listening = body.on_state([&](const LinkEvent& event) {
      EXPECT_EQ(std::this_thread::get_id(), here);
      if (event.state == LinkState::open) opened.raise();
    });
    body.attach(served);
    body.run_until_signal();
    EXPECT_TRUE(opened.raised());
    EXPECT_EQ(former_handler_ran, 0);
    std::raise(GetParam());
    EXPECT_EQ(former_handler_ran, 1);
  });
  SampleApi called("sample");
  ApiArb head(connect(url), {.name = "head"});
  head.attach(called);
  EXPECT_EQ(called.work(3).call(), 3);
  child.signal(GetParam());
  EXPECT_EQ(child.wait(), 0);
}

TEST(RunUntilSignalOfAForeignLoop, ends_when_it_is_stopped_from_a_handler) {
  const std::string url = unique_url("inproc");
  SampleApi served("sample");
  ApiArb body(listen(url), {.name = "body", .loop = Loop::foreign});
  served.nothing.handle([&] { body.stop(); });
  body.attach(served);
  SampleApi called("sample");
  ApiArb head(connect(url), {.name = "head"});
  head.attach(called);
  const auto pending = called.nothing().async();
  body.run_until_signal();
  EXPECT_TRUE(pending.wait(generous));
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
