#include "stream/compression.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/reader.hpp>
#include <vagus/wire/writer.hpp>

#include "stream/zstd.hpp"

namespace vagus::transport::stream {

namespace {

// MessagePack-RPC has the kinds 0 to 2.
constexpr std::uint8_t kind = 3;
constexpr std::byte array_of_three{0x93};

// Of the array, the kind, the size and the header of the bin.
constexpr std::size_t largest_head = 1 + 1 + 9 + 5;

}  // namespace

bool offers_compression(const wire::Hello& hello) noexcept {
  return hello.version != 0 && std::find(hello.capabilities.begin(), hello.capabilities.end(),
                                         zstd_capability) != hello.capabilities.end();
}

std::size_t compress_in_place(std::span<std::byte> message) {
  const std::size_t size = message.size();
  if (size <= largest_head) return size;
  const std::size_t room = size - largest_head;
  const auto scratch = std::make_unique_for_overwrite<std::byte[]>(room);
  const std::size_t compressed = zstd::compress(message, {scratch.get(), room});
  if (compressed == 0) return size;
  wire::Writer writer{message};
  writer.array(3);
  writer.unsigned_integer(kind);
  writer.unsigned_integer(size);
  writer.bin({scratch.get(), compressed});
  return writer.size();
}

bool is_compressed(std::span<const std::byte> message) noexcept {
  return message.size() >= 2 && message[0] == array_of_three && message[1] == std::byte{kind};
}

std::span<const std::byte> Decompressed::take(std::span<const std::byte> compressed, std::size_t max_size) {
  wire::Reader reader{compressed};
  if (reader.array() != 3 || reader.unsigned_integer() != kind) {
    throw wire::MalformedError("a compressed message is [3, size, bin]");
  }
  const std::uint64_t size = reader.unsigned_integer();
  const std::span<const std::byte> bytes = reader.bin();
  if (size > max_size) {
    throw wire::MalformedError("decompressed it would have " + std::to_string(size) +
                               " bytes, more than the limit of " + std::to_string(max_size));
  }
  if (size == 0 || zstd::announced_size(bytes).value_or(size) != size) {
    throw wire::MalformedError("what was compressed does not have the " + std::to_string(size) +
                               " bytes that it should");
  }
  if (size > capacity_) {
    data_.reset();
    capacity_ = 0;
    data_ = std::make_unique_for_overwrite<std::byte[]>(size);
    capacity_ = size;
  }
  zstd::decompress(bytes, {data_.get(), size});
  return {data_.get(), size};
}

void Decompressed::trim() noexcept {
  data_.reset();
  capacity_ = 0;
}

}  // namespace vagus::transport::stream
