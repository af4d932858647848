/// What depends on whether somebody looks.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vagus::tools {

/// Is the standard output a terminal that may show colours? Not with NO_COLOR in the environment, see
/// no-color.org.
bool shows_colours();
/// Columns of the terminal at the standard output; 0 if it is none.
std::size_t terminal_width();

/// The text in bold, or dimmed, if colours are shown.
std::string bold(const std::string& text);
std::string dim(const std::string& text);

/// How many columns UTF-8 text takes, each character counted as one.
std::size_t columns(const std::string& text);
/// Cut to so many columns, with an ellipsis; 0: not at all.
std::string fitted(const std::string& text, std::size_t width);

/// In lines of so many columns at most, broken between words; a longer word has a line of its own. 0: one
/// line.
std::vector<std::string> wrapped(const std::string& text, std::size_t width);

/// A bar on the standard error, if that is a terminal; gone when this is destroyed.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool shown() const noexcept { return shown_; }
  /// From 0 to 1.
  void bar(double part);

 private:
  const bool shown_;
  bool drawn_ = false;
};

}  // namespace vagus::tools
