#include "described_type.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <vagus/core/suggestions.hpp>

namespace vagus {

namespace {

constexpr std::array<std::string_view, 16> plain_types{
    "any",  "bool",   "int8",  "int16",  "int",    "int64", "uint8",    "uint16",
    "uint", "uint64", "float", "double", "string", "bytes", "duration", "time"};

struct Template {
  std::string_view name;
  std::string_view form;
  std::size_t least;
  std::size_t most;
};
constexpr std::array<Template, 6> templates{{{"list", "list<T>", 1, 1},
                                             {"set", "set<T>", 1, 1},
                                             {"optional", "optional<T>", 1, 1},
                                             {"array", "array<T, 3>", 2, 2},
                                             {"map", "map<K, V>", 2, 2},
                                             {"tuple", "tuple<T, ...>", 0, 64}}};
constexpr int deepest = 16;

const Template* template_named(std::string_view name) {
  const auto* const found = std::find_if(templates.begin(), templates.end(),
                                         [&](const Template& each) { return each.name == name; });
  return found == templates.end() ? nullptr : found;
}

bool is_plain(std::string_view name) {
  return std::find(plain_types.begin(), plain_types.end(), name) != plain_types.end();
}

/// Reads one type; the first fault ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<DescribedType> all() {
    auto type = one();
    skip_blanks();
    if (type && at_ != text_.size()) fail("nothing is expected after " + type->text());
    return fault_.empty() ? type : std::nullopt;
  }
  const std::string& fault() const noexcept { return fault_; }

 private:
  std::optional<DescribedType> one() {
    if (++depth_ > deepest) return fail("it is nested too deep");
    DescribedType type{word(), {}};
    const bool opened = take('<');
    const Template* const known = template_named(type.name);
    if (known == nullptr && (!is_plain(type.name) || opened)) return unknown(type.name, opened);
    if (known != nullptr && !opened) return fail(type.name + " is written " + std::string(known->form));
    if (opened && !inside(type, *known)) return std::nullopt;
    --depth_;
    return type;
  }

  bool inside(DescribedType& type, const Template& known) {
    while (!take('>')) {
      if (!type.inside.empty() && !take(',')) {
        fail("a , or > is expected after " + type.inside.back().text());
        return false;
      }
      const bool is_size = known.name == "array" && type.inside.size() == 1;
      auto next = is_size ? size() : one();
      if (!next) return false;
      type.inside.push_back(std::move(*next));
    }
    if (type.inside.size() < known.least || type.inside.size() > known.most) {
      fail(type.name + " is written " + std::string(known.form));
    } else if ((type.name == "list" || type.name == "array") && type.inside[0].name == "uint8") {
      fail(type.name + " of uint8 is written bytes");  // which it is when it is sent
    }
    return fault_.empty();
  }

  std::optional<DescribedType> size() {
    std::string digits = word();
    std::size_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
      return fail("array is written array<T, 3>");
    }
    return DescribedType{std::to_string(number), {}};
  }

  std::string word() {
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ' ' && std::string_view("<>,").find(text_[at_]) == npos) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  bool take(char expected) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  std::optional<DescribedType> unknown(const std::string& name, bool opened) {
    if (is_plain(name) && opened) return fail("nothing stands between <> for " + name);
    std::vector<std::string> names(plain_types.begin(), plain_types.end());
    for (const Template& each : templates) names.emplace_back(each.name);
    std::string known;
    for (const std::string_view plain : plain_types) known += std::string(plain) + ", ";
    for (const Template& each : templates) known += std::string(each.form) + ", ";
    known.resize(known.size() - 2);
    const std::string meant = did_you_mean(name, names);
    return fail((name.empty() ? "a type is missing" : shown(name) + " is not known") +
                (meant.empty() ? ";" : meant) + " there are: " + known);
  }
  std::nullopt_t fail(std::string what) {
    if (fault_.empty()) fault_ = std::move(what);
    return std::nullopt;
  }

  static constexpr std::size_t npos = std::string_view::npos;
  const std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string fault_;
};

}  // namespace

std::string DescribedType::text() const {
  if (template_named(name) == nullptr) return name;
  std::string text = name + '<';
  for (const DescribedType& each : inside) text += (text.back() == '<' ? "" : ", ") + each.text();
  return text + '>';
}

std::optional<DescribedType> read_type(const PlacedText& text, Faults& faults) {
  Parser parser(text.text);
  auto type = parser.all();
  if (!type) faults.add(text.place, '"' + shown(text.text) + "\" is no type: " + parser.fault());
  return type;
}

}  // namespace vagus
