#include "common/url_options.hpp"

#include <algorithm>
#include <array>

#include <vagus/core/error.hpp>
#include <vagus/core/time_text.hpp>

namespace vagus::transport {

namespace {

/// Options about calls and not about links, which no transport refuses.
constexpr std::array<std::string_view, 3> options_of_arbitration = {"connections", "errors", "events"};

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
  if (const auto time = time_from_text(text)) return *time;
  throw ApiParamError(url.to_string() + ": " + option + "=" + text +
                      " is not a time such as 500ms, 30s, 5min or 1h");
}

WaitPolicy parse_wait_policy(const Url& url, const std::string& text) {
  if (text == "adaptive") return WaitPolicy::adaptive;
  if (text == "spin") return WaitPolicy::spin;
  if (text == "block") return WaitPolicy::block;
  throw ApiParamError(url.to_string() + ": wait=" + text + " is none of adaptive, spin and block");
}

}  // namespace vagus::transport
