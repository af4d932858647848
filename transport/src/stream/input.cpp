#include "stream/input.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace vagus::transport::stream {

namespace {

constexpr std::size_t first_capacity = 4096;
constexpr std::size_t busy_capacity = 64 * 1024;
constexpr std::size_t least_room = 2048;  // worth a system call

}  // namespace

std::optional<std::span<const std::byte>> Input::next() {
  const std::span<const std::byte> there{data_.get() + begin_, end_ - begin_};
  if (found_ == 0 && !there.empty()) found_ = splitter_.find(there);
  if (found_ == 0) return std::nullopt;
  return there.first(found_);
}

bool Input::has_message() noexcept {
  try {
    return next().has_value();
  } catch (const std::exception&) {
    return true;  // next() says it again, to whom it concerns
  }
}

void Input::release() noexcept {
  begin_ += std::exchange(found_, 0);
  if (begin_ == end_) begin_ = end_ = 0;
}

Transfer Input::fill(ByteStream& stream) {
  make_room();
  const std::span room{data_.get() + end_, capacity_ - end_};
  Transfer transfer = stream.read(room);
  end_ += transfer.size;
  was_filled_ = transfer.size == room.size();
  return transfer;
}

void Input::make_room() {
  const std::size_t there = unread();
  // A message that has only begun is believed to become four times as large, no more.
  std::size_t wanted = std::max(there + least_room, std::min(splitter_.least(), 4 * there + busy_capacity));
  if (was_filled_) wanted = std::max(wanted, busy_capacity);
  if (begin_ + wanted <= capacity_) return;
  if (wanted <= capacity_) {
    std::memmove(data_.get(), data_.get() + begin_, there);
  } else {
    const std::size_t capacity = std::max({wanted, first_capacity, there + there / 2});
    auto data = std::make_unique_for_overwrite<std::byte[]>(capacity);
    if (there != 0) std::memcpy(data.get(), data_.get() + begin_, there);
    data_ = std::move(data);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = there;
}

void Input::trim() noexcept {
  if (unread() != 0) return;
  data_.reset();
  capacity_ = begin_ = end_ = 0;
  was_filled_ = false;
}

}  // namespace vagus::transport::stream
