// A message in memory that its sender changes while it is read, as one that lies in the sender's ring or
// arena. It may be decoded as something else than it was checked to be, but nothing outside of it may be
// read.
//
// The input is what changes, see Changes, and then the message.

#include <cstring>
#include <functional>

#include <vagus/wire/error_message.hpp>
#include <vagus/wire/message.hpp>

#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/decoding.hpp"
#include "support/input.hpp"
#include "support/shared_memory.hpp"

using namespace vagus;

namespace {

constexpr std::size_t memory_size = 4096;

// What reads on where it has been lied to takes more than it would for a message that stays what it is: a
// list that says it is longer takes its memory at once, on each level.
constexpr std::size_t most_memory = 16 * 1024 * 1024;

class Decoding {
 public:
  explicit Decoding(std::span<const std::byte> bytes) : bytes_(bytes) {}

  void take_apart() const {
    const wire::Message message = wire::parse(bytes_, {});
    check_inside(message.params);
    check_inside(message.error);
    check_inside(message.result);
    check_inside(message.extension.keyword_arguments);
    check_inside(std::as_bytes(std::span(message.method)));
    check_inside(std::as_bytes(std::span(message.extension.traceparent)));
    decode(message.params);
    decode(message.extension.keyword_arguments);
    if (message.error.empty()) return;
    decode(message.result);
    wire::Reader error(message.error);
    static_cast<void>(wire::decode_error(error));
  }

 private:
  void decode(std::span<const std::byte> bytes) const {
    fuzz::decode_all(bytes, [this](const auto& value) {
      if constexpr (std::is_same_v<decltype(value), const fuzz::Views&>) {
        check_inside(std::as_bytes(std::span(value.text)));
        check_inside(value.bytes);
      }
    });
  }

  void check_inside(std::span<const std::byte> part) const {
    const std::less_equal<> before;
    const bool inside = part.empty() || (before(bytes_.data(), part.data()) &&
                                         before(part.data() + part.size(), bytes_.data() + bytes_.size()));
    fuzz::check(inside, "a view of a message does not leave it");
  }

  const std::span<const std::byte> bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::SharedMemory memory(memory_size, fuzz::SharedMemory::Ours::read_only);
  fuzz::Input input(data, size);
  fuzz::Changes changes(memory, input);
  // At its end, so that what lies behind it cannot be read.
  const auto message = input.bytes(memory_size);
  if (!message.empty())
    std::memcpy(memory.theirs().last(message.size()).data(), message.data(), message.size());
  const fuzz::Allocations allocations;
  try {
    Decoding(memory.ours().last(message.size())).take_apart();
  } catch (const wire::DecodeError&) {
  }
  fuzz::check(allocations.peak() <= most_memory, "what a message takes is bounded");
  return 0;
}
