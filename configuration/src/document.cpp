#include "document.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include <toml++/toml.h>

#include "deep_key.hpp"
#include "faults.hpp"

namespace vagus {

namespace {

// Deeper than any configuration: what is read here is read again by functions that call themselves.
constexpr int deepest = 32;

std::string too_deep() {
  return "this is nested deeper than " + std::to_string(deepest) + " tables and lists";
}

Place place_of(const toml::source_region& source) { return {source.begin.line, source.begin.column}; }

class Conversion {
 public:
  explicit Conversion(Faults& faults) : faults_(faults) {}

  Node node(const toml::node& from) {
    Node made;
    made.place = place_of(from.source());
    if (const auto* const text = from.as_string()) made.value = text->get();
    if (const auto* const flag = from.as_boolean()) made.value = flag->get();
    if (const auto* const number = from.as_integer()) made.value = number->get();
    if (const auto* const number = from.as_floating_point()) made.value = number->get();
    if (const auto* const date = from.as_date()) made.value = written(*date);
    if (const auto* const time = from.as_time()) made.value = written(*time);
    if (const auto* const both = from.as_date_time()) made.value = written(*both);
    if (++depth_ > deepest) {
      faults_.add(made.place, too_deep());
    } else if (const auto* const array = from.as_array()) {
      made.value = list(*array);
    } else if (const auto* const entries = from.as_table()) {
      made.value = table(*entries);
    }
    --depth_;
    return made;
  }

 private:
  template <typename T>
  static Node::Date written(const T& date) {
    std::ostringstream text;
    text << date;
    return {text.str()};
  }

  Node::List list(const toml::array& from) {
    Node::List made;
    for (const toml::node& element : from) made.push_back(node(element));
    return made;
  }

  Node::Table table(const toml::table& from) {
    Node::Table made;
    for (const auto& [key, value] : from) {
      made.push_back({std::string(key.str()), place_of(key.source()), node(value)});
    }
    // As they stand in the file, not as their names are sorted: so errors come in that order.
    std::stable_sort(made.begin(), made.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
    return made;
  }

  Faults& faults_;
  int depth_ = 0;
};

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  if (text.size() <= longest) return std::string(text);
  std::size_t size = longest;
  // Not in the middle of a character.
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return std::string(text.substr(0, size)) + "...";
}

std::string shown(const Node& node) {
  struct Show {
    std::string operator()(const std::string& text) const { return '"' + shown(text) + '"'; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const {
      std::ostringstream text;
      text << number;
      return text.str().find_first_of(".en") == std::string::npos ? text.str() + ".0" : text.str();
    }
    std::string operator()(const Node::List&) const { return "a list"; }
    std::string operator()(const Node::Table&) const { return "a table"; }
    std::string operator()(const Node::Date& date) const { return date.text; }
  };
  return std::visit(Show(), node.value);
}

std::string kind_of(const Node& node) {
  if (node.text() != nullptr) return "text";
  const bool number =
      std::holds_alternative<std::int64_t>(node.value) || std::holds_alternative<double>(node.value);
  return number ? "a number" : shown(node);
}

Node parse_document(std::string_view text, Faults& faults) {
  if (const Place deep = place_of_deep_key(text); deep.line != 0) {
    faults.add(deep, too_deep());
    return {{}, Node::Table{}};
  }
  try {
    return Conversion(faults).node(toml::parse(text));
  } catch (const toml::parse_error& wrong) {
    faults.add(place_of(wrong.source()), "this is no TOML: " + std::string(wrong.description()));
    return {{}, Node::Table{}};
  }
}

}  // namespace vagus
