#include "stream/output.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vagus::transport::stream {

namespace {

constexpr std::size_t first_capacity = 4096;

}  // namespace

std::span<std::byte> Output::claim(std::size_t size) {
  const std::size_t there = pending();
  const std::size_t wanted = std::max<std::size_t>(size, 1);  // so that an empty claim is one, too
  if (capacity_ - end_ < wanted) {
    if (there + wanted > capacity_) {
      const std::size_t capacity = std::max({there + wanted, 2 * there, first_capacity});
      auto data = std::make_unique_for_overwrite<std::byte[]>(capacity);
      if (there != 0) std::memcpy(data.get(), data_.get() + begin_, there);
      data_ = std::move(data);
      capacity_ = capacity;
    } else {
      std::memmove(data_.get(), data_.get() + begin_, there);
    }
    begin_ = 0;
    end_ = there;
  }
  claimed_ = wanted;
  return {data_.get() + end_, size};
}

void Output::commit(std::size_t used) noexcept {
  end_ += used;
  claimed_ = 0;
}

void Output::append(std::span<const std::byte> message) {
  const std::span<std::byte> place = claim(message.size());
  std::memcpy(place.data(), message.data(), message.size());
  commit(message.size());
}

Transfer Output::flush(ByteStream& stream) {
  while (pending() != 0) {
    Transfer transfer = stream.write({data_.get() + begin_, pending()});
    if (transfer.status != Transfer::Status::done) return transfer;
    begin_ += transfer.size;
  }
  if (claimed_ == 0) begin_ = end_ = 0;
  return Transfer::of(0);
}

void Output::trim() noexcept {
  if (pending() != 0 || claimed_ != 0) return;
  data_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace vagus::transport::stream
