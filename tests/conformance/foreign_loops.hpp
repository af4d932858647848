/// What the tests of loops of the program's own have in common.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "conformance/conformance.hpp"

namespace vagus::testing {

inline constexpr Pair::Options foreign_body{.body = {.loop = Loop::foreign}};
inline constexpr Pair::Options foreign_head{.head = {.loop = Loop::foreign}};

inline bool readable(const ApiArb& arb, std::chrono::milliseconds limit = 0ms) {
  pollfd watched{arb.descriptor(), POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(limit.count())) == 1;
}

/// Serves as a program's loop would, until `done`; false if that takes too long.
inline bool serve_until(ApiArb& arb, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + generous;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    if (readable(arb, 5ms)) arb.process();
  }
  return true;
}

template <typename T>
T served_result(ApiArb& arb, const AsyncResult<T>& pending) {
  EXPECT_TRUE(serve_until(arb, [&] { return pending.ready(); }));
  return pending.get(0ms);
}

/// The threads on which something ran.
class Threads {
 public:
  void note() {
    if (std::this_thread::get_id() != expected_) ++elsewhere_;
    ++here_;
  }
  int noted() const { return here_; }
  int elsewhere() const { return elsewhere_; }

 private:
  const std::thread::id expected_ = std::this_thread::get_id();
  std::atomic<int> here_{0};
  std::atomic<int> elsewhere_{0};
};

}  // namespace vagus::testing
