// What a peer says of itself.

#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/hello.hpp>

#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;

namespace {

// 64 capabilities of 255 bytes, a name, and what a text of an error takes.
constexpr std::size_t most_memory = 64 * 1024;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::Input(data, size).rest();
  const fuzz::Allocations allocations;
  try {
    const wire::Hello hello = wire::decode_hello(bytes);
    fuzz::check(hello.version != 0 && hello.name.size() <= wire::Hello::max_name_size &&
                    hello.capabilities.size() <= wire::Hello::max_capabilities,
                "a hello keeps to its limits");
    fuzz::check(wire::decode_hello(wire::encode(hello)) == hello, "a hello survives its encoding");
  } catch (const wire::DecodeError&) {
  }
  fuzz::check(allocations.peak() <= most_memory, "a hello takes little memory");
  return 0;
}
