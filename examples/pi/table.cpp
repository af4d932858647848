#include "table.hpp"

#include <algorithm>
#include <cstdio>

namespace pi {

namespace {

constexpr std::size_t count_width = 10;
constexpr std::size_t cell_width = 26;
constexpr std::size_t bar_width = 12;

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string bar(const Cell& cell) {
  const double done = std::clamp(cell.done, 0.0, 1.0);
  const auto full = static_cast<std::size_t>(done * static_cast<double>(bar_width));
  const std::string percent = std::to_string(static_cast<int>(done * 100.0)) + "%";
  return std::string(full, '#') + std::string(bar_width - full, '.') + right(percent, 5) + " " +
         right(duration_text(cell.elapsed), 8);
}

std::string cell_text(const Cell& cell) {
  switch (cell.state) {
    case Cell::State::not_made:
      break;
    case Cell::State::under_way:
      return bar(cell);
    case Cell::State::answered:
      return duration_text(cell.elapsed);
    case Cell::State::failed:
      return "failed after " + duration_text(cell.elapsed);
  }
  return {};
}

std::string line_of(const std::string& count, const std::string& first, const std::string& second,
                    const std::string& last) {
  std::string line = right(count, count_width) + "  " + padded(first, cell_width) + "  " +
                     padded(second, cell_width) + "  " + last;
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::vector<std::string> draw_table(const std::vector<Row>& rows) {
  std::vector<std::string> lines{line_of("digits", "round 1", "round 2", "the last")};
  for (const Row& row : rows) {
    lines.push_back(line_of(count_text(row.digits), cell_text(row.cells[0]), cell_text(row.cells[1]),
                            right(row.last_digits, 10)));
  }
  return lines;
}

std::string duration_text(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const double value = seconds < 1.0 ? seconds * 1e3 : seconds;
  const int decimals = value < 1.0 ? 3 : value < 10.0 ? 2 : 1;
  char text[40];
  std::snprintf(text, sizeof text, "%.*f %s", decimals, value, seconds < 1.0 ? "ms" : "s");
  return text;
}

std::string count_text(std::int64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t place = text.size(); place > 3;) {
    place -= 3;
    text.insert(place, " ");
  }
  return text;
}

}  // namespace pi
