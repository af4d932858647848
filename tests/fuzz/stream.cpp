// A stream of bytes as a peer sends it, in pieces of any size: cut into messages, of which the first may say
// hello.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <vagus/core/error.hpp>
#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/reader.hpp>
#include <vagus/wire/splitter.hpp>

#include "stream/hello_exchange.hpp"
#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;

namespace {

// A few bytes for each level of nesting, the sizes that this target keeps, a hello, and the text of an error.
constexpr std::size_t most_memory = 128 * 1024;

/// Where the messages of a stream end, and whether it breaks off with what can be none.
struct Split {
  std::vector<std::size_t> sizes;
  bool refused = false;
  friend bool operator==(const Split&, const Split&) = default;
};

/// `next_piece` says how much more has come at each look.
template <typename NextPiece>
Split split(std::span<const std::byte> stream, const wire::Limits& limits, NextPiece next_piece) {
  Split result;
  wire::Splitter splitter{limits};
  std::size_t begin = 0;
  std::size_t arrived = 0;
  try {
    while (arrived < stream.size()) {
      arrived = std::min(stream.size(), arrived + next_piece());
      while (const std::size_t size = splitter.find(stream.subspan(begin, arrived - begin))) {
        fuzz::check(size <= limits.message_size, "no message is larger than the limit");
        result.sizes.push_back(size);
        begin += size;
      }
      fuzz::check(splitter.least() <= limits.message_size, "no more is waited for than a message may have");
    }
  } catch (const wire::MalformedError&) {
    result.refused = true;
  }
  return result;
}

void greet(std::span<const std::byte> message, const wire::Limits& limits) {
  try {
    const auto hello = transport::stream::decode_first_message(message, limits);
    if (hello) fuzz::check(hello->hello.version != 0, "who says hello says a version");
  } catch (const Error&) {
  }
  try {
    transport::stream::decode_hello_response(message, limits);
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t piece = 1 + input.byte() % 16;
  const std::size_t other_piece = 1 + input.byte() % 16;
  const auto stream = input.rest();
  if (stream.size() > 8192) return 0;
  wire::Limits limits;
  limits.message_size = 4096;

  const fuzz::Allocations allocations;
  const Split at_once = split(stream, limits, [&] { return stream.size(); });
  bool first = true;
  const Split in_pieces = split(stream, limits, [&] {
    first = !first;
    return first ? piece : other_piece;
  });
  fuzz::check(at_once == in_pieces, "the messages do not depend on the pieces in which they come");
  std::size_t begin = 0;
  for (const std::size_t each : at_once.sizes) {
    const auto message = stream.subspan(begin, each);
    wire::Reader reader(message);
    reader.skip();
    fuzz::check(reader.at_end(), "a message is one value");
    greet(message, limits);
    begin += each;
  }
  fuzz::check(allocations.peak() <= most_memory, "what is split takes little memory");
  return 0;
}
