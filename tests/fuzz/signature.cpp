// The signature that a caller sends along, beside the handler's own: in two lines, to have both made up.

#include <string>

#include <vagus/wire/shape_comparison.hpp>

#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;

namespace {

// For each of the shortest types, which take two characters with what is between them.
constexpr std::size_t most_memory_per_character = 400;
constexpr std::size_t most_memory = 16 * 1024;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view caller = text.substr(0, end);
  const std::string_view handler = text.substr(std::min(end + 1, text.size()));
  const fuzz::Allocations allocations;
  const auto difference = wire::contract_difference(caller, handler);
  fuzz::check(allocations.peak() <= most_memory + most_memory_per_character * text.size(),
              "a comparison takes memory in proportion");
  fuzz::check(!difference || (!difference->empty() && difference->size() < 10'000),
              "a difference is bounded");
  fuzz::check(difference.has_value() == wire::contract_difference(handler, caller).has_value(),
              "who calls whom does not matter");
  fuzz::check(!wire::contract_difference(caller, caller), "everything fits itself");
  return 0;
}
