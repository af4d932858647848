/// Where a callback or a coroutine goes on.
#pragma once

#include <functional>

namespace vagus {

/// Runs functions, now or later, on threads of its choice. Safe from any thread.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Runs `work` once. What `work` throws is not the caller's business: implementations let none of it out.
  virtual void execute(std::function<void()> work) = 0;
};

}  // namespace vagus
