#pragma once

#include <cstddef>

namespace vagus::fuzz {

/// Counts the memory that this thread takes while it lives. One at a time. It counts where the address
/// sanitizer is compiled in; elsewhere everything takes no memory.
class Allocations {
 public:
  Allocations() noexcept;
  ~Allocations();
  Allocations(const Allocations&) = delete;
  Allocations& operator=(const Allocations&) = delete;

  /// The most bytes that were in use at once.
  std::size_t peak() const noexcept { return static_cast<std::size_t>(peak_); }

  // By the allocator.
  void add(std::ptrdiff_t bytes) noexcept {
    in_use_ += bytes;
    if (in_use_ > peak_) peak_ = in_use_;
  }

 private:
  std::ptrdiff_t in_use_ = 0;  // below 0 once memory is given back that was taken before
  std::ptrdiff_t peak_ = 0;
};

}  // namespace vagus::fuzz
