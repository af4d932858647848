#include "size_text.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace vagus {

std::optional<std::size_t> size_from_text(std::string_view text) noexcept {
  constexpr std::pair<std::string_view, unsigned> units[] = {{"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || number == 0) return std::nullopt;
  const std::string_view rest(read.ptr, static_cast<std::size_t>(end - read.ptr));
  for (const auto& [name, bits] : units) {
    if (name != rest) continue;
    if (number > std::numeric_limits<std::size_t>::max() >> bits) return std::nullopt;
    return number << bits;
  }
  return std::nullopt;
}

}  // namespace vagus
