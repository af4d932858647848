#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace vagus::transport::ring {

/// Owned bytes that nobody has written yet.
class LargeBuffer {
 public:
  LargeBuffer() noexcept = default;
  explicit LargeBuffer(std::size_t size)
      : bytes_(std::make_unique_for_overwrite<std::byte[]>(size)), size_(size) {}

  LargeBuffer(LargeBuffer&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  LargeBuffer& operator=(LargeBuffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::size_t size() const noexcept { return size_; }
  std::byte* data() const noexcept { return bytes_.get(); }
  std::span<std::byte> first(std::size_t count) const noexcept { return {bytes_.get(), count}; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace vagus::transport::ring
