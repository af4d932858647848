// Several threads that end the same thing at once, and what still runs meanwhile.

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

class SimultaneousEnds : public Conformance {};

void yield_often() {
  for (int time = 0; time < 1000; ++time) std::this_thread::yield();
}

/// The body refuses calls of it from now on.
void await_detached(Pair& pair) {
  while (const auto error = error_of(pair.called.nothing())) {
    if (error->code() == ErrorCode::unknown_api || error->code() == ErrorCode::unsupported_api) return;
  }
}

TEST_P(SimultaneousEnds, whoever_detaches_what_another_thread_is_detaching_waits_for_it_as_well) {
  Flag second_comes;
  Flag running;
  std::atomic<bool> ended{false};
  Pair pair(url(), {.workers = 2});
  pair.served.work.handle([&](int number) {
    running.raise();
    second_comes.await();
    yield_often();
    ended = true;
    return number;
  });
  const auto called = pair.called.work(1).async();
  ASSERT_TRUE(running.await());
  std::jthread first([&] { pair.body.detach(pair.served); });
  await_detached(pair);
  second_comes.raise();
  pair.body.detach(pair.served);
  EXPECT_TRUE(ended);
  EXPECT_EQ(called.get(), 1);
}

TEST_P(SimultaneousEnds, stop_gives_its_time_to_what_runs_of_an_api_that_is_being_detached) {
  Stage stage;
  Pair pair(url(), {.workers = 2});
  pair.served.work.handle([&](int number) { return stage(number); });
  const auto called = pair.called.work(7).async();
  ASSERT_TRUE(stage.await(1));
  std::jthread detaching([&] { pair.body.detach(pair.served); });
  await_detached(pair);
  std::jthread stopping([&] { pair.body.stop(generous); });
  while (!error_of(pair.called_desk.nothing())) {
  }
  yield_often();
  stage.open();
  EXPECT_EQ(called.get(), 7);
}

TEST_P(SimultaneousEnds, a_handler_on_the_thread_of_its_caller_may_stop_what_is_being_stopped) {
  Flag running;
  Flag go_on;
  ApiArb body(listen(url()));
  SampleApi served("sample", {.workers = 0});
  body.attach(served);
  served.work.handle([&](int number) {
    running.raise();
    go_on.await();
    body.stop();
    return number;
  });
  std::jthread caller([&] { static_cast<void>(served.work(1).local().try_call()); });
  ASSERT_TRUE(running.await());
  std::jthread stopping([&] { body.stop(); });
  while (!error_of(served.nothing().local())) {
  }
  yield_often();
  go_on.raise();
  stopping.join();
  caller.join();
}

TEST_P(SimultaneousEnds, a_call_that_waits_for_a_place_in_a_queue_fails_as_soon_as_its_side_stops) {
  Stage stage;
  std::atomic<bool> told{false};
  SampleApi called("sample", {.when_down = WhenDown::queue,
                              .down_queue = {.capacity = 1, .when_full = WhenQueueFull::block}});
  SampleApi own("own");
  ApiArb head(connect(url()));
  head.attach(called);
  head.attach(own);
  own.work.handle([&](Call& call, int number) {
    stage(number);
    told = call.stop_requested();
    return number;
  });
  const auto running = own.work(1).local().async();
  ASSERT_TRUE(stage.await(1));
  const auto first = called.add(1, 1).async();
  std::jthread stopping;
  ErrorPtr error;
  Flag calls;
  std::jthread waiting([&] {
    calls.raise();
    error = error_of(called.add(2, 2), {.timeout = no_timeout});
  });
  ASSERT_TRUE(calls.await());
  yield_often();
  stopping = std::jthread([&] { head.stop(generous); });
  waiting.join();
  EXPECT_EQ(error->code(), ErrorCode::transport_finished) << error->what();
  stage.open();
  stopping.join();
  EXPECT_FALSE(told);  // the time that stop() gives had not passed
}

TEST_P(SimultaneousEnds, a_handler_that_waits_for_space_in_a_link_does_not_keep_stop) {
  RawBody body(url());
  SampleApi called("sample");
  SampleApi own("own");
  const bool by_memory = url().starts_with("inproc") || url().starts_with("shm");
  ApiArb head(connect(by_memory ? with_option(url(), "ring=4096") : url()));  // soon full
  head.attach(called);
  head.attach(own);
  Flag full;
  std::atomic<bool> refused{false};
  own.work.handle([&](int number) {
    try {
      for (;;) called.said("x", 1).post({.when_full = WhenFull::refuse});
    } catch (const OverloadedError&) {
      full.raise();
    }
    try {
      for (;;) called.said("x", 1).post({.timeout = no_timeout});
    } catch (const TransportFinishedError&) {
      refused = true;
    }
    return number;
  });
  head.start();
  const auto link = body.accept();
  link->open({"sample.work"}, {"sample.said"});
  head.wait_open(generous);
  const auto filling = own.work(1).local().async();
  ASSERT_TRUE(full.await());
  yield_often();
  head.stop();
  EXPECT_TRUE(refused);
  EXPECT_TRUE(filling.ready());
}

VAGUS_OVER_EACH_TRANSPORT(SimultaneousEnds);

}  // namespace
}  // namespace vagus::testing
