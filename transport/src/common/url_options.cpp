#include "common/url_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <vagus/core/error.hpp>

namespace vagus::transport {

namespace {

/// Options about calls and not about links, which no transport refuses.
constexpr std::array<std::string_view, 3> options_of_arbitration = {"connections", "errors", "events"};

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

void refuse_unless_of_other_floor(const Url& url, std::string_view option, std::string known,
                                  std::initializer_list<std::string_view> others) {
  const auto& theirs = options_of_arbitration;
  if (std::find(theirs.begin(), theirs.end(), option) != theirs.end()) return;
  for (const std::string_view other : others) known.append(", ").append(other);
  throw ApiParamError(url.to_string() + ": there is no option " + std::string(option) +
                      "; there are: " + known);
}

Duration parse_time(const Url& url, const std::string& option, const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  const std::string_view rest(result.ptr, static_cast<std::size_t>(end - result.ptr));
  const auto* const unit = std::find_if(std::begin(units), std::end(units),
                                        [&](const Unit& candidate) { return candidate.name == rest; });
  if (result.ec != std::errc{} || number <= 0 || number > largest_number || unit == std::end(units)) {
    throw ApiParamError(url.to_string() + ": " + option + "=" + text +
                        " is not a time such as 500ms, 30s, 5min or 1h");
  }
  return number * unit->length;
}

}  // namespace vagus::transport
