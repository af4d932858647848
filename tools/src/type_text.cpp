#include "type_text.hpp"

namespace vagus::tools {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A peer says what its types are called: deeper than this nothing is taken apart.
constexpr int max_depth = 50;

TypeText parse(std::string_view text, int depth) {
  text = trimmed(text);
  const std::size_t open = text.find('<');
  if (open == std::string_view::npos || text.back() != '>' || depth == max_depth)
    return {std::string(text), {}};
  TypeText type{std::string(text.substr(0, open)), {}};
  const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  std::size_t begin = 0;
  int nested = 0;
  for (std::size_t index = 0; index <= inside.size(); ++index) {
    const char c = index < inside.size() ? inside[index] : ',';
    if (c == '<') ++nested;
    if (c == '>') --nested;
    if (c != ',' || nested != 0) continue;
    if (const auto one = inside.substr(begin, index - begin); !trimmed(one).empty()) {
      type.arguments.push_back(parse(one, depth + 1));
    }
    begin = index + 1;
  }
  return type;
}

}  // namespace

TypeText parse_type(std::string_view text) { return parse(text, 0); }

}  // namespace vagus::tools
