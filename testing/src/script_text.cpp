#include "script_text.hpp"

#include <chrono>

#include <vagus/testing/expectation.hpp>

namespace vagus::detail {

std::string times_text(std::size_t count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

std::string limits_text(std::size_t least, std::size_t most) {
  if (most == 0) return "never";
  if (least == most) return times_text(least);
  if (most != Expected::unlimited) return "up to " + times_text(most);
  return least == 0 ? "any number of times" : "at least " + times_text(least);
}

std::string milliseconds_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

std::string listed(const std::string& heading, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text = '\n' + heading + ':';
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

}  // namespace vagus::detail
