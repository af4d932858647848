#include "name_pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/core/name.hpp>

namespace vagus {

namespace {

/// Takes the first part off; the rest is left.
std::string_view take_part(std::string_view& rest) noexcept {
  const std::size_t dot = rest.find('.');
  const std::string_view part = rest.substr(0, dot);
  rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  return part;
}

}  // namespace

NamePattern::NamePattern(std::string_view pattern) {
  if (pattern.size() > max_namespace_size) {
    throw ApiParamError("the pattern \"" + std::string(pattern.substr(0, 80)) + "...\" has " +
                        std::to_string(pattern.size()) + " bytes; at most " +
                        std::to_string(max_namespace_size) + " are allowed");
  }
  std::size_t begin = 0;
  for (;;) {
    const std::size_t dot = pattern.find('.', begin);
    const std::string_view part = pattern.substr(begin, dot == std::string_view::npos ? dot : dot - begin);
    if (part != "*" && part != "**" && !is_name(part)) {
      throw ApiParamError("\"" + std::string(part.substr(0, 80)) + "\" in the pattern \"" +
                          std::string(pattern.substr(0, 200)) +
                          "\" is neither a name nor * nor **; such as machine.**");
    }
    // A second ** in a row says nothing more.
    if (part != "**" || parts_.empty() || parts_.back() != "**") parts_.emplace_back(part);
    if (dot == std::string_view::npos) return;
    begin = dot + 1;
  }
}

bool NamePattern::is_one_name() const noexcept {
  return std::none_of(parts_.begin(), parts_.end(),
                      [](const std::string& part) { return part == "*" || part == "**"; });
}

bool NamePattern::is_everything() const noexcept { return parts_.size() == 1 && parts_.front() == "**"; }

bool NamePattern::matches(std::string_view name_space) const noexcept {
  // As far as it goes; when it goes no further, the last ** takes one name more. To try an earlier one again
  // is never of use.
  std::string_view rest = name_space;
  std::size_t part = 0;
  std::size_t last_any = parts_.size();
  std::string_view rest_of_any;
  while (!rest.empty()) {
    std::string_view after = rest;
    const std::string_view name = take_part(after);
    if (part < parts_.size() && parts_[part] == "**") {
      last_any = part++;
      rest_of_any = rest;
    } else if (part < parts_.size() && (parts_[part] == "*" || parts_[part] == name)) {
      ++part;
      rest = after;
    } else if (last_any < parts_.size()) {
      take_part(rest_of_any);
      rest = rest_of_any;
      part = last_any + 1;
    } else {
      return false;
    }
  }
  while (part < parts_.size() && parts_[part] == "**") ++part;
  return part == parts_.size();
}

bool NamePattern::reaches_into(std::string_view root) const noexcept {
  for (const std::string& part : parts_) {
    if (root.empty() || part == "**") return true;
    if (const std::string_view name = take_part(root); part != "*" && part != name) return false;
  }
  return root.empty();
}

bool NamePattern::overlaps(const NamePattern& other) const {
  const auto& theirs = other.parts_;
  // Whether what is left of both from here on overlaps: of the parts from `mine` on, one row for all of
  // theirs. From the end to the beginning.
  std::vector<char> below(theirs.size() + 1, false);
  for (std::size_t mine = parts_.size() + 1; mine-- > 0;) {
    std::vector<char> row(theirs.size() + 1, false);
    for (std::size_t their = theirs.size() + 1; their-- > 0;) {
      const bool mine_left = mine < parts_.size();
      const bool theirs_left = their < theirs.size();
      const auto any_number = [&](const std::string& part) { return part == "**"; };
      if (!mine_left && !theirs_left) {
        row[their] = true;
      } else if (mine_left && any_number(parts_[mine])) {
        row[their] = below[their] || (theirs_left && row[their + 1]);
      } else if (theirs_left && any_number(theirs[their])) {
        row[their] = row[their + 1] || (mine_left && below[their]);
      } else if (mine_left && theirs_left) {
        const bool same = parts_[mine] == "*" || theirs[their] == "*" || parts_[mine] == theirs[their];
        row[their] = same && below[their + 1];
      }
    }
    below = std::move(row);
  }
  return below.front();
}

}  // namespace vagus
