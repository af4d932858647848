/// Digits that are known already.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace pi {

/// Keeps the longest text within so many bytes: all shorter ones begin it. Not safe from several threads.
class Cache {
 public:
  explicit Cache(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  /// A text that begins with pi to so many digits after the point; null if they are not known.
  std::shared_ptr<const std::string> find(std::int64_t digits) const noexcept;
  /// Keeps it if it is longer than what is there, and not too long.
  void add(std::shared_ptr<const std::string> text) noexcept;

 private:
  const std::size_t max_bytes_;
  std::shared_ptr<const std::string> longest_;
};

/// How long the text is: "3." and the digits.
constexpr std::size_t text_length(std::int64_t digits) noexcept {
  return static_cast<std::size_t>(digits) + 2;
}

}  // namespace pi
