#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iterator>

#include <vagus/core/time_text.hpp>

namespace vagus {

namespace {

struct Unit {
  std::string_view name;
  Duration length;
};
constexpr Unit units[] = {{"ms", std::chrono::milliseconds(1)},
                          {"s", std::chrono::seconds(1)},
                          {"min", std::chrono::minutes(1)},
                          {"h", std::chrono::hours(1)}};
constexpr std::int64_t largest_number = 1'000'000;

}  // namespace

std::optional<Duration> time_from_text(std::string_view text, std::int64_t least) noexcept {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc{} || number < least || number > largest_number) return std::nullopt;
  const std::string_view rest(result.ptr, static_cast<std::size_t>(end - result.ptr));
  const auto* const unit = std::find_if(std::begin(units), std::end(units),
                                        [&](const Unit& candidate) { return candidate.name == rest; });
  if (unit == std::end(units)) return std::nullopt;
  return number * unit->length;
}

}  // namespace vagus
