/// One line of the board: pieces of text in colours, cut off at the right edge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sysmon {

enum class Style : std::uint8_t {
  plain,
  bold,
  dim,
  accent,
  good,
  warm,
  hot,
  good_bar,
  warm_bar,
  hot_bar,
  selected
};

/// Text is UTF-8 whose characters are all one column wide.
class StyledLine {
 public:
  StyledLine(std::size_t columns, bool colours) : columns_(columns), colours_(colours) {}

  StyledLine& add(std::string_view text, Style style = Style::plain);
  /// So many times; for what bars are made of.
  StyledLine& repeat(std::size_t count, std::string_view text, Style style = Style::plain);
  /// Spaces until the column is reached.
  StyledLine& pad_to(std::size_t column, Style style = Style::plain);

  std::size_t column() const noexcept { return column_; }
  std::size_t columns() const noexcept { return columns_; }
  const std::string& text() const noexcept { return text_; }

 private:
  std::size_t columns_;
  bool colours_;
  std::size_t column_ = 0;
  std::string text_;
};

/// How many columns the text takes.
std::size_t width_of(std::string_view text) noexcept;

}  // namespace sysmon
