#include <algorithm>
#include <utility>
#include <vector>

#include "wire/reader_head.hpp"
#include "wire/text.hpp"

namespace vagus::wire {

const char* to_string(Kind kind) noexcept {
  switch (kind) {
    case Kind::nil:
      return "nil";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::real:
      return "a real number";
    case Kind::str:
      return "a str";
    case Kind::bin:
      return "a bin";
    case Kind::array:
      return "an array";
    case Kind::map:
      return "a map";
    case Kind::ext:
      return "an ext";
  }
  return "an unknown kind";
}

void Reader::fail_type(std::string_view expected) const { fail_type(expected, offset()); }

void Reader::fail_type(std::string_view expected, std::size_t offset) const {
  const std::byte* const at = begin_ + std::min(offset, static_cast<std::size_t>(end_ - begin_));
  static_cast<void>(head(at));  // what is malformed is an error of another kind
  throw TypeError(place(at) + ": expected " + std::string(expected) + ", found " + found(at));
}

void Reader::fail_malformed(std::string_view reason) const { fail_malformed(reason, position_); }

void Reader::fail_malformed(std::string_view reason, const std::byte* at) const {
  throw MalformedError(place(at) + ": " + std::string(reason));
}

void Reader::fail_cut_off(const std::byte* at, Kind kind, std::size_t announced, std::size_t there) const {
  const bool container = kind == Kind::array || kind == Kind::map;
  fail_malformed("cut off: " + std::string(to_string(kind)) + " of " + std::to_string(announced) +
                     (container ? "" : " bytes") + " begins here, but only " + std::to_string(there) +
                     " bytes follow",
                 at);
}

void Reader::fail_c1(const std::byte* at) const { fail_malformed("the byte c1 begins no value", at); }

void Reader::fail_depth(const std::byte* at) const {
  fail_malformed("nested deeper than " + std::to_string(depth_limit_) + " levels", at);
}

std::string Reader::place(const std::byte* at) const {
  const std::string byte = "byte " + std::to_string(at - begin_);
  const std::string path = path_to(at);
  return path.empty() ? "at " + byte : "at " + path + " (" + byte + ")";
}

/// One array or map on the way to a place.
struct Reader::PathLevel {
  bool map;
  std::size_t children;
  std::size_t child = 0;           // which of them is next
  const std::byte* key = nullptr;  // of the entry that is being walked
};

namespace {

std::string key_text(Reader key) {
  std::string text;
  if (key.peek() != Kind::str) {
    text += '[';
    detail::append_value(text, key, 20);
    return text + ']';
  }
  const std::string_view name = key.str();
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), plain)) {
    return '.' + std::string(name);
  }
  text += '[';
  detail::append_quoted(text, name, 20);
  return text + ']';
}

}  // namespace

// Walks from the start again: that costs nothing as long as nothing fails.
std::string Reader::path_to(const std::byte* target) const try {
  std::vector<PathLevel> levels;
  for (const std::byte* at = begin_; at < target;) {
    const Head found = head(at);
    if (!levels.empty() && levels.back().map && levels.back().child % 2 == 0) levels.back().key = at;
    at += found.size();
    if (found.elements != 0) {
      // No value lies that deep: the message has changed since it was read.
      if (levels.size() == max_depth) return {};
      levels.push_back({found.kind == Kind::map, found.children()});
      continue;
    }
    while (!levels.empty() && ++levels.back().child == levels.back().children) levels.pop_back();
  }

  std::string path;
  for (const PathLevel& level : levels) {
    if (path.size() > 200) return path + "...";
    if (!level.map) {
      path += '[' + std::to_string(level.child) + ']';
    } else if (level.child % 2 == 1) {
      path += key_text(Reader{{level.key, end_}, depth_limit_});
    } else {
      path += "[key " + std::to_string(level.child / 2) + ']';
    }
  }
  return path;
} catch (const DecodeError&) {
  return {};  // the place is inside a value, so there is no path to it
}

std::string Reader::found(const std::byte* at) const {
  constexpr std::size_t shown = 32;
  const Head value = head(at);
  std::string text;
  Reader reader{{at, end_}, max_depth};
  switch (value.kind) {
    case Kind::nil:
      return "nil";
    case Kind::boolean:
      return reader.boolean() ? "boolean true" : "boolean false";
    case Kind::integer:
      text = "integer ";
      detail::append_value(text, reader);
      return text;
    case Kind::real:
      text = "real number ";
      detail::append_real(text, reader.real());
      return text;
    case Kind::str:
      text = "str ";
      detail::append_quoted(text, reader.str(), shown);
      return text;
    case Kind::bin:
      return "bin of " + std::to_string(value.payload) + " bytes";
    case Kind::array:
      return "array of " + std::to_string(value.elements);
    case Kind::map:
      return "map of " + std::to_string(value.elements);
    case Kind::ext:
      return "ext of type " + std::to_string(reader.ext().type) + " and " + std::to_string(value.payload) +
             " bytes";
  }
  return "a value of unknown kind";
}

}  // namespace vagus::wire
