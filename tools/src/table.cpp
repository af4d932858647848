#include "table.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <utility>

#include "terminal.hpp"

namespace vagus::tools {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;  // of the first column

}  // namespace

Table::Table(std::vector<std::string> heads, std::size_t left) : heads_(std::move(heads)), left_(left) {}

std::vector<std::size_t> Table::widths(std::size_t width) const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < heads_.size(); ++column) {
    std::size_t widest = columns(heads_[column]);
    for (const auto& row : rows_) widest = std::max(widest, columns(row[column]));
    widths.push_back(widest);
  }
  const std::size_t all = std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
  if (width == 0 || all <= width) return widths;
  const std::size_t others = all - widths[0];
  widths[0] = std::max(std::min(widths[0], narrowest), width > others ? width - others : 0);
  return widths;
}

std::string Table::line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
  std::string line;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    const std::string cell = fitted(cells[column], widths[column]);
    const std::string padding(widths[column] - std::min(columns(cell), widths[column]), ' ');
    if (column != 0) line.append(gap, ' ');
    line += column < left_ ? cell + padding : padding + cell;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::vector<std::string> Table::lines(std::size_t width) const {
  const auto wide = widths(width);
  std::vector<std::string> lines{fitted(line(heads_, wide), width)};
  for (const auto& row : rows_) lines.push_back(fitted(line(row, wide), width));
  return lines;
}

void print(const Table& table) {
  bool head = true;
  for (const std::string& line : table.lines(terminal_width())) {
    std::printf("%s\n", (head ? dim(line) : line).c_str());
    head = false;
  }
}

}  // namespace vagus::tools
