#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace vagus::tools {

bool shows_colours() {
  static const bool shows = [] {
    const char* const no_colour = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0') &&
           terminal != nullptr && std::string(terminal) != "dumb";
  }();
  return shows;
}

std::size_t terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0) return 0;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string bold(const std::string& text) { return shows_colours() ? "\033[1m" + text + "\033[0m" : text; }
std::string dim(const std::string& text) { return shows_colours() ? "\033[2m" + text + "\033[0m" : text; }

namespace {

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

}  // namespace

std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), &begins_character));
}

std::string fitted(const std::string& text, std::size_t width) {
  if (width == 0 || columns(text) <= width) return text;
  std::size_t used = 0;
  std::size_t end = 0;
  while (end < text.size() && (used < width - 1 || !begins_character(text[end]))) {
    if (begins_character(text[end])) ++used;
    ++end;
  }
  return text.substr(0, end) + "…";
}

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  if (width == 0) return {text};
  std::vector<std::string> lines{""};
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (columns(line) + 1 + columns(word) <= width) {
      line += ' ' + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

ProgressLine::ProgressLine() : shown_(::isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void ProgressLine::bar(double part) {
  if (!shown_) return;
  constexpr int width = 40;
  const double inside = std::clamp(part, 0.0, 1.0);
  const int full = static_cast<int>(inside * width);
  std::string line = "\r[";
  for (int column = 0; column < width; ++column) line += column < full ? "█" : "·";
  std::fprintf(stderr, "%s] %3.0f %%\033[K", line.c_str(), inside * 100);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace vagus::tools
