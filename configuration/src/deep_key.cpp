#include "deep_key.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace vagus {

namespace {

constexpr std::size_t most_levels = 1000;

/// Counts brackets, and dots of keys, outside of strings and comments.
class Levels {
 public:
  explicit Levels(std::string_view text) : text_(text) {}

  /// As place_of_deep_key().
  Place too_many() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      count(c);
      if (above_ + dots_ > most_levels) return place();
      ++at_;
    }
    return {};
  }

 private:
  void count(char c) {
    if (c == '.') ++dots_;
    if (c == ',' || c == '\n') dots_ = 0;
    if (c == '[' || c == '{') {
      open_.push_back(dots_ + 1);
      above_ += open_.back();
      dots_ = 0;
    }
    if ((c == ']' || c == '}') && !open_.empty()) {
      above_ -= open_.back();
      open_.pop_back();
    }
  }

  void skip_string(char quote) {
    const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
    const bool of_lines = text_.substr(at_).starts_with(three);
    at_ += of_lines ? three.size() : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n' && !of_lines) return;
      if (c == '\\' && quote == '"') {
        at_ += 2;
      } else if (of_lines && text_.substr(at_).starts_with(three)) {
        at_ += three.size();
        // Up to two more belong to the text.
        for (int more = 0; more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) ++at_;
        return;
      } else {
        ++at_;
        if (c == quote && !of_lines) return;
      }
    }
  }

  Place place() const {
    const std::string_view before = text_.substr(0, at_);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_begin = before.rfind('\n') + 1;  // 0 in the first line
    return {static_cast<unsigned>(lines) + 1, static_cast<unsigned>(at_ - line_begin) + 1};
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t dots_ = 0;           // of the key that is being read
  std::vector<std::size_t> open_;  // what each bracket that is open adds
  std::size_t above_ = 0;          // the sum of these
};

}  // namespace

Place place_of_deep_key(std::string_view text) { return Levels(text).too_many(); }

}  // namespace vagus
