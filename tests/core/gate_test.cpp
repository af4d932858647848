#include <future>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/core/call_context.hpp>
#include <vagus/core/gate.hpp>

namespace vagus::detail {
namespace {

CallContext context_inside(const Gate& gate) {
  CallContext context;
  context.gates = {&gate, nullptr};
  return context;
}

TEST(Gate, lets_nobody_in_after_it_was_closed) {
  Gate gate;
  EXPECT_TRUE(gate.enter());
  gate.leave();
  gate.close();
  EXPECT_FALSE(gate.enter());
  EXPECT_TRUE(gate.closed());
}

TEST(Gate, closes_only_when_all_are_out) {
  Gate gate;
  ASSERT_TRUE(gate.enter());
  auto closed = std::async(std::launch::async, [&] { gate.close(); });
  while (!gate.closed()) std::this_thread::yield();
  EXPECT_FALSE(gate.wait_empty(Deadline::after(std::chrono::milliseconds(1))));
  gate.leave();
  closed.get();
}

TEST(Gate, does_not_wait_for_the_run_that_closes_it) {
  Gate gate;
  ASSERT_TRUE(gate.enter());
  {
    CallContext context = context_inside(gate);
    const ContextScope inside(&context, true);
    gate.close();
  }
  gate.leave();
  EXPECT_TRUE(gate.closed());
}

TEST(Gate, lets_two_runs_that_close_it_both_go_on) {
  Gate gate;
  const auto run = [&] {
    CallContext context = context_inside(gate);
    const ContextScope inside(&context, true);
    gate.close();
    gate.leave();
  };
  ASSERT_TRUE(gate.enter());
  ASSERT_TRUE(gate.enter());
  auto first = std::async(std::launch::async, run);
  auto second = std::async(std::launch::async, run);
  first.get();
  second.get();
}

}  // namespace
}  // namespace vagus::detail
