#include "faults.hpp"

#include <algorithm>
#include <string_view>

namespace vagus {

namespace {

/// On one line, and nothing in it that a terminal obeys, whatever the file contains.
std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      made += c;
    } else {
      made.append("\\x").append({digits[byte >> 4], digits[byte & 0xf]});
    }
  }
  return made;
}

}  // namespace

std::string place_text(const std::string& file, const Place& place) {
  if (place.line == 0) return file + ": ";
  return file + ':' + std::to_string(place.line) + ':' + std::to_string(place.column) + ": ";
}

void Faults::add(const Place& place, const std::string& what) { lines_.push_back({place, printable(what)}); }

void Faults::raise() const {
  if (none()) return;
  auto sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Line& a, const Line& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
  std::string text;
  for (const Line& line : sorted) {
    text += (text.empty() ? "" : "\n") + place_text(file_, line.place) + line.what;
  }
  throw ConfigurationError(text);
}

}  // namespace vagus
