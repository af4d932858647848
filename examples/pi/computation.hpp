/// A computation, and those who wait for it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <vagus/vagus.hpp>

namespace pi {

/// A call that is answered when the computation is done. Its reply is used by the thread that computes only.
struct Waiter {
  explicit Waiter(vagus::Reply<std::string> owed) noexcept : reply(std::move(owed)) {}

  vagus::Reply<std::string> reply;
  /// Runs when its caller has left.
  std::optional<std::stop_callback<std::function<void()>>> leaving;
};

/// Guarded by the mutex of the service, but for what guards itself.
struct Computation {
  explicit Computation(std::int64_t count) noexcept : digits(count) {}

  const std::int64_t digits;
  std::stop_source given_up;  // guards itself
  std::vector<std::shared_ptr<Waiter>> waiters;

  /// Null if it does not wait here.
  std::shared_ptr<Waiter> remove(const Waiter* waiter) {
    const auto place =
        std::find_if(waiters.begin(), waiters.end(), [&](const auto& one) { return one.get() == waiter; });
    if (place == waiters.end()) return nullptr;
    auto removed = std::move(*place);
    waiters.erase(place);
    return removed;
  }
};

}  // namespace pi
