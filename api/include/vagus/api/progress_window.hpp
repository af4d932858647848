/// How far ahead of its caller a handler may report.
#pragma once

#include <condition_variable>
#include <cstdint>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus::detail {

/// Counts the parts that were sent and not taken yet. Safe from any thread.
class ProgressWindow {
 public:
  explicit ProgressWindow(std::uint32_t size) noexcept : size_(size) {}

  /// There is room for so many, and take() does not wait for more.
  void keep(std::uint32_t size) noexcept;

  enum class Outcome : std::uint8_t { taken, full, closed };
  /// Room for one part; waits for it until the deadline.
  Outcome take(Deadline deadline);
  Outcome try_take();
  /// A part was not sent after all.
  void give_back() noexcept { acknowledge(1); }
  /// The peer has taken so many. What it claims beyond what was sent counts for nothing.
  void acknowledge(std::uint64_t parts) noexcept;
  /// Nobody takes any more: whoever waits stops waiting.
  void close() noexcept;

 private:
  const std::uint32_t size_;
  Mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t sent_ VAGUS_GUARDED_BY(mutex_) = 0;  // and not taken; at most size_, or kept_
  std::uint32_t kept_ VAGUS_GUARDED_BY(mutex_) = 0;  // 0: take() waits
  bool closed_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::detail
