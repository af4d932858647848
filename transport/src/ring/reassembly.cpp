#include "ring/reassembly.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vagus::transport::ring {

namespace {

constexpr std::size_t first_size = 256 * 1024;

}  // namespace

const char* Reassembly::begin(std::span<const std::byte> first_part) {
  clear();
  MessageSize size = 0;
  if (first_part.size() < sizeof size) return "the first part of a large message, without its size";
  std::memcpy(&size, first_part.data(), sizeof size);
  if (size > max_size_) return "a message over the limit on message size";
  if (size == 0) return "a large message of no bytes";
  size_ = static_cast<std::size_t>(size);
  return append(first_part.subspan(sizeof size));
}

const char* Reassembly::append(std::span<const std::byte> part) {
  if (size_ == 0) return "a part of a large message that has not begun";
  if (part.empty()) return "an empty part of a large message";
  if (part.size() > size_ - received_) return "more parts of a large message than its size allows";
  grow(received_ + part.size());
  std::memcpy(buffer_.data() + received_, part.data(), part.size());
  received_ += part.size();
  return nullptr;
}

std::shared_ptr<const void> Reassembly::take_buffer() {
  return std::make_shared<const LargeBuffer>(std::exchange(buffer_, {}));
}

void Reassembly::clear() noexcept {
  if (buffer_.size() > keep_) buffer_ = {};
  size_ = received_ = 0;
}

void Reassembly::grow(std::size_t needed) {
  if (needed <= buffer_.size()) return;
  LargeBuffer larger(std::min(size_, std::max(2 * needed, first_size)));
  if (received_ != 0) std::memcpy(larger.data(), buffer_.data(), received_);
  buffer_ = std::move(larger);
}

}  // namespace vagus::transport::ring
