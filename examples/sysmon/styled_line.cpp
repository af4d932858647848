#include "styled_line.hpp"

#include <algorithm>

namespace sysmon {

namespace {

bool begins_character(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::string_view escape_of(Style style) noexcept {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[90m";
    case Style::accent:
      return "\x1b[1;36m";
    case Style::good:
      return "\x1b[32m";
    case Style::warm:
      return "\x1b[33m";
    case Style::hot:
      return "\x1b[31m";
    case Style::good_bar:
      return "\x1b[32;48;5;237m";
    case Style::warm_bar:
      return "\x1b[33;48;5;237m";
    case Style::hot_bar:
      return "\x1b[31;48;5;237m";
    case Style::selected:
      return "\x1b[7m";
  }
  return "";
}

}  // namespace

std::size_t width_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

StyledLine& StyledLine::add(std::string_view text, Style style) {
  std::size_t size = 0;
  while (size < text.size() && (column_ < columns_ || !begins_character(text[size]))) {
    if (begins_character(text[size])) ++column_;
    ++size;
  }
  const std::string_view escape = colours_ ? escape_of(style) : "";
  text_.append(escape).append(text.substr(0, size));
  if (!escape.empty()) text_.append("\x1b[0m");
  return *this;
}

StyledLine& StyledLine::repeat(std::size_t count, std::string_view text, Style style) {
  std::string all;
  for (std::size_t turn = 0; turn < count; ++turn) all.append(text);
  return add(all, style);
}

StyledLine& StyledLine::pad_to(std::size_t column, Style style) {
  return column > column_ ? repeat(column - column_, " ", style) : *this;
}

}  // namespace sysmon
