// A message that says it is compressed, and a message that is compressed and comes back.

#include <algorithm>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/decode_error.hpp>

#include "stream/compression.hpp"
#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;
using transport::stream::compress_in_place;
using transport::stream::Decompressed;
using transport::stream::is_compressed;

namespace {

constexpr std::size_t limit = 64 * 1024;
// A message, what the library works with - once for the thread, some 160 KiB -, and the text of an error.
constexpr std::size_t most_memory = limit + 256 * 1024;

void take(std::span<const std::byte> bytes) {
  Decompressed decompressed;
  const fuzz::Allocations allocations;
  try {
    const auto message = decompressed.take(bytes, limit);
    fuzz::check(!message.empty() && message.size() <= limit, "a message keeps to its limit");
  } catch (const wire::DecodeError&) {
  }
  fuzz::check(allocations.peak() <= most_memory, "what is refused takes little memory");
}

void return_again(std::span<const std::byte> bytes) {
  Bytes message(bytes.begin(), bytes.end());
  const std::size_t size = compress_in_place(message);
  fuzz::check(size <= bytes.size(), "nothing grows");
  message.resize(size);
  if (size == bytes.size()) {
    fuzz::check(std::ranges::equal(message, bytes), "what does not shrink stays as it is");
    return;
  }
  fuzz::check(is_compressed(message), "the compressed form is known by its beginning");
  Decompressed decompressed;
  fuzz::check(std::ranges::equal(decompressed.take(message, limit), bytes), "a message survives");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::Input(data, size).rest();
  take(bytes);
  return_again(bytes);
  return 0;
}
