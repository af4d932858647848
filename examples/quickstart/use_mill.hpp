// The head's part: each way to call the mill. It does not know, and need not know, where the mill is.
#pragma once

#include <atomic>
#include <chrono>
#include <semaphore>
#include <stdexcept>
#include <string>

#include "expect.hpp"
#include "mill_api.hpp"

inline vagus::Task<double> there_and_back(MillApi& mill) {
  const double there = co_await mill.x.move_to(5.0);  // waits without holding a thread
  const double back = co_await mill.x.move_to(0.0);
  co_return there - back;
}

inline void use_mill(MillApi& mill, vagus::ApiArb& arb) {
  using namespace std::chrono_literals;

  // `mill.name()` builds the call, a verb makes it. call() blocks until the answer is there.
  EXPECT(mill.name().call() == "mill no. 3");

  // An event is handled for as long as its registration lives.
  std::atomic<double> seen{0.0};
  std::binary_semaphore moved{0};
  auto listening = mill.x.moved.subscribe([&](double position_mm) {
    seen = position_mm;
    moved.release();
  });
  EXPECT(mill.x.move_to(120.0, 5.0).call() == 120.0);
  EXPECT(moved.try_acquire_for(10s));
  EXPECT(seen == 120.0);
  listening.reset();

  EXPECT((mill.x.status().call() == AxisStatus{120.0, false, {"oil is low"}}));
  EXPECT(mill.y.status().call().position_mm == 0.0);

  // The same call without waiting: the answer is collected later.
  const vagus::AsyncResult<double> moving = mill.y.move_to(7.0).async();
  EXPECT(moving.get() == 7.0);

  // In a coroutine.
  EXPECT(there_and_back(mill).get() == 5.0);

  // By name, for scripts and tools that know nothing of MillApi.
  EXPECT(arb.proxy("mill").action("y.move_to", 2.0, vagus::kw("speed_mm_s", 3.0)).call<double>() == 2.0);

  // What the handler throws arrives as what it was. try_call() gives the error instead of throwing it.
  EXPECT(throws<std::invalid_argument>([&] { mill.x.move_to(1.0, -1.0).call(); }));
  EXPECT(!mill.x.move_to(1.0, -1.0).try_call().has_value());

  // Nobody waits for ever: 30 s, unless something else is said for the API, the method or this very call.
  EXPECT(throws<vagus::TransactionTimeout>([&] { mill.warm_up(3600).call({.timeout = 20ms}); }));
}
