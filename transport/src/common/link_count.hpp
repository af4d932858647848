#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace vagus::transport {

/// How many links a listener has. Made by make_shared.
class LinkCount : public std::enable_shared_from_this<LinkCount> {
 public:
  explicit LinkCount(std::size_t limit) noexcept : limit_(limit) {}

  std::size_t limit() const noexcept { return limit_; }

  /// Counts as one link for as long as it is held; null if there are as many as there may be. Safe from any
  /// thread.
  std::shared_ptr<void> take() {
    if (count_.fetch_add(1, std::memory_order_relaxed) >= limit_) {
      count_.fetch_sub(1, std::memory_order_relaxed);
      return nullptr;
    }
    // The pointer itself is never used; it is not null, and that says yes.
    return {this,
            [count = shared_from_this()](void*) { count->count_.fetch_sub(1, std::memory_order_relaxed); }};
  }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> count_{0};  // relaxed: nothing else hangs on it
};

}  // namespace vagus::transport
