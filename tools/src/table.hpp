/// Text in columns.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vagus::tools {

/// Columns as wide as what stands in them; the first is cut where the terminal is too narrow.
class Table {
 public:
  /// `left`: so many columns begin where they begin; the others, numbers, end where they end.
  Table(std::vector<std::string> heads, std::size_t left);

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const noexcept { return rows_.empty(); }
  std::size_t size() const noexcept { return rows_.size(); }
  /// The first has the heads. `width`: so many columns at most, 0: as many as are needed.
  std::vector<std::string> lines(std::size_t width) const;

 private:
  std::vector<std::size_t> widths(std::size_t width) const;
  std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const;

  const std::vector<std::string> heads_;
  const std::size_t left_;
  std::vector<std::vector<std::string>> rows_;
};

/// Prints it as wide as the terminal is, the heads dimmed.
void print(const Table& table);

}  // namespace vagus::tools
