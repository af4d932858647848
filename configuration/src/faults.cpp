#include "faults.hpp"

#include <algorithm>

namespace vagus {

std::string place_text(const std::string& file, const Place& place) {
  if (place.line == 0) return file + ": ";
  return file + ':' + std::to_string(place.line) + ':' + std::to_string(place.column) + ": ";
}

void Faults::add(const Place& place, const std::string& what) { lines_.push_back({place, what}); }

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
