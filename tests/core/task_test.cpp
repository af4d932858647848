#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <vagus/core/task.hpp>

namespace vagus {
namespace {

Task<int> value_of(int value, bool* begun = nullptr) {
  if (begun != nullptr) *begun = true;
  co_return value;
}

Task<int> sum(int left, int right) {
  const int first = co_await value_of(left);
  const int second = co_await value_of(right);
  co_return first + second;
}

Task<void> failing() {
  throw std::runtime_error("on purpose");
  co_return;
}

Task<std::string> catching() {
  std::string text = "nothing";
  try {
    co_await failing();
  } catch (const std::runtime_error& error) {
    text = error.what();
  }
  co_return text;
}

/// Waits until somebody ends it.
struct Parking {
  std::shared_ptr<detail::TaskControl>* control;
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) {
    *control = handle.promise().control();
    (*control)->begin_wait([handle, kept = *control] { detail::TaskPromiseBase::resume(handle, kept); });
  }
  void await_resume() const {
    if ((*control)->stop_requested()) throw std::runtime_error("stopped");
  }
};

Task<void> parked(std::shared_ptr<detail::TaskControl>* control, bool* unwound) {
  try {
    Parking parking{control};
    co_await parking;
  } catch (const std::runtime_error&) {
    *unwound = true;
  }
}

TEST(Task, does_nothing_before_it_is_started) {
  bool begun = false;
  {
    const auto task = value_of(1, &begun);
    EXPECT_FALSE(task.done());
  }
  EXPECT_FALSE(begun);
}

TEST(Task, gives_its_value_to_get_and_to_co_await) {
  EXPECT_EQ(value_of(3).get(), 3);
  EXPECT_EQ(sum(3, 4).get(), 7);
}

TEST(Task, throws_what_left_it_to_whoever_awaits_it) {
  EXPECT_THROW(failing().get(), std::runtime_error);
  EXPECT_EQ(catching().get(), "on purpose");
}

TEST(Task, cannot_be_started_twice) {
  auto task = value_of(1);
  task.start();
  EXPECT_TRUE(task.done());
  EXPECT_THROW(task.start(), std::logic_error);
  EXPECT_EQ(task.take(), 1);
}

TEST(Task, tells_its_end_once) {
  int ended = 0;
  auto task = value_of(1);
  task.start([&] { ++ended; });
  EXPECT_EQ(ended, 1);
}

TEST(Task, is_cancelled_and_unwound_when_it_is_dropped_while_it_waits) {
  std::shared_ptr<detail::TaskControl> control;
  bool unwound = false;
  {
    auto task = parked(&control, &unwound);
    task.start();
    EXPECT_FALSE(task.done());
  }
  EXPECT_TRUE(unwound);
}

TEST(Task, does_not_begin_to_wait_once_it_was_cancelled) {
  detail::TaskControl control(nullptr);
  control.request_stop();
  EXPECT_FALSE(control.begin_wait([] { FAIL() << "cancelled what never began"; }));
}

}  // namespace
}  // namespace vagus
