#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <vagus/wire/shape_comparison.hpp>

namespace vagus::wire {

namespace {

// No contract is nested deeper, or longer: a peer could have us run out of stack, or of memory.
constexpr std::size_t deepest = 64;
constexpr std::size_t longest_signature = 64 * 1024;

/// One type, as views into the text.
struct Shape {
  std::string_view text;         ///< all of it
  std::string_view name;         ///< before the `<`; of a struct `{`
  std::string_view field;        ///< its name, if it is a field that has one
  bool may_be_left_out = false;  ///< as a parameter
  std::vector<Shape> inside;     ///< fields, or what a template is made of

  bool is_struct() const noexcept { return name == "{"; }
};

struct SignatureText {
  std::vector<Shape> parameters;
  Shape result;
  std::optional<Shape> part;
};

/// Reads what wire::TypeWalk writes. Each function is false, or none, at what it does not write.
class ShapeParser {
 public:
  explicit ShapeParser(std::string_view text) : text_(text) {}

  std::optional<SignatureText> signature() {
    SignatureText read;
    if (!take("(")) return std::nullopt;
    while (!take(")")) {
      if (!read.parameters.empty() && !take(", ")) return std::nullopt;
      Shape& parameter = read.parameters.emplace_back();
      if (!type(parameter)) return std::nullopt;
      parameter.may_be_left_out = take("?");
    }
    if (!take(" -> ") || !type(read.result)) return std::nullopt;
    if (take(" by ") && !type(read.part.emplace())) return std::nullopt;
    if (at_ != text_.size()) return std::nullopt;
    return read;
  }

 private:
  bool take(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  bool type(Shape& shape) {
    if (depth_ == deepest) return false;
    ++depth_;
    const std::size_t begin = at_;
    const bool read = take("{") ? fields(shape) : named(shape);
    shape.text = text_.substr(begin, at_ - begin);
    --depth_;
    return read;
  }

  bool fields(Shape& shape) {
    shape.name = text_.substr(at_ - 1, 1);
    while (!take("}")) {
      if (!shape.inside.empty() && !take(", ")) return false;
      Shape& field = shape.inside.emplace_back();
      field.field = field_name();
      if (!type(field)) return false;
    }
    return true;
  }

  std::string_view field_name() {
    const std::size_t end = text_.find_first_of(":<>{},()", at_);
    if (end == std::string_view::npos || text_.substr(end, 2) != ": ") return {};
    const auto name = text_.substr(at_, end - at_);
    at_ = end + 2;
    return name;
  }

  bool named(Shape& shape) {
    const std::size_t begin = at_;
    at_ = std::min({text_.find_first_of("<>{},?()", at_), next_by(), text_.size()});
    shape.name = text_.substr(begin, at_ - begin);
    if (shape.name.empty()) return false;
    if (!take("<")) return true;
    while (!take(">")) {
      if (!shape.inside.empty() && !take(", ")) return false;
      if (!type(shape.inside.emplace_back())) return false;
    }
    return true;
  }

  /// Looked for once: a peer's text may have as many types as it has characters.
  std::size_t next_by() {
    if (by_ < at_) by_ = text_.find(" by ", at_);
    return by_;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t by_ = 0;  // from there on; before at_: not known
  std::size_t depth_ = 0;
};

class Comparison {
 public:
  std::optional<std::string> signatures(const SignatureText& caller, const SignatureText& handler) {
    parameters(caller.parameters, handler.parameters);
    types(caller.result, handler.result, "result");
    if (caller.part && handler.part) types(*caller.part, *handler.part, "part");
    return std::move(found_);
  }

 private:
  void parameters(const std::vector<Shape>& caller, const std::vector<Shape>& handler) {
    const std::size_t common = std::min(caller.size(), handler.size());
    for (std::size_t index = 0; index < common; ++index) {
      types(caller[index], handler[index], numbered("parameter", index));
    }
    only_one_has(caller, common, "caller", "handler");
    only_one_has(handler, common, "handler", "caller");
  }

  void only_one_has(const std::vector<Shape>& parameters, std::size_t common, const std::string& who,
                    const std::string& other) {
    for (std::size_t index = common; index < parameters.size(); ++index) {
      if (parameters[index].may_be_left_out) continue;
      tell(numbered("parameter", index) + ", " + shown(parameters[index]) + " for the " + who +
           ", is unknown to the " + other + " and may not be left out");
    }
  }

  void types(const Shape& caller, const Shape& handler, const std::string& place) {
    if (found_ || caller.text == handler.text || caller.text == "any" || handler.text == "any") return;
    if (caller.name != handler.name) return differ(caller, handler, place);
    if (caller.is_struct()) return structs(caller, handler, place);
    if (caller.name == "variant") return variants(caller, handler, place);
    if (caller.inside.empty() || caller.inside.size() != handler.inside.size()) {
      return differ(caller, handler, place);
    }
    for (std::size_t index = 0; index < caller.inside.size(); ++index) {
      types(caller.inside[index], handler.inside[index],
            place + '<' + (caller.inside.size() == 1 ? "" : std::to_string(index + 1)) + '>');
    }
  }

  void structs(const Shape& caller, const Shape& handler, const std::string& place) {
    const std::size_t common = std::min(caller.inside.size(), handler.inside.size());
    for (std::size_t index = 0; index < common; ++index) {
      const Shape& ours = caller.inside[index];
      const Shape& theirs = handler.inside[index];
      if (!ours.field.empty() && !theirs.field.empty() && ours.field != theirs.field) {
        tell(numbered("field", index) + " of " + place + " is " + std::string(ours.field) +
             " for the caller and " + std::string(theirs.field) + " for the handler");
      }
      const std::string name(ours.field.empty() ? theirs.field : ours.field);
      types(ours, theirs, place + '.' + (name.empty() ? std::to_string(index + 1) : name));
    }
  }

  void variants(const Shape& caller, const Shape& handler, const std::string& place) {
    const std::size_t called = known_alternatives(caller);
    const std::size_t handled = known_alternatives(handler);
    for (std::size_t index = 0; index < std::min(called, handled); ++index) {
      types(caller.inside[index], handler.inside[index], place + '<' + std::to_string(index + 1) + '>');
    }
    // Who knows fewer of them says that he takes others.
    const Shape& fewer = called < handled ? caller : handler;
    if (called != handled && known_alternatives(fewer) == fewer.inside.size()) {
      differ(caller, handler, place);
    }
  }

  static std::size_t known_alternatives(const Shape& variant) {
    const bool may_grow = !variant.inside.empty() && variant.inside.back().text == "unknown";
    return variant.inside.size() - (may_grow ? 1 : 0);
  }

  void differ(const Shape& caller, const Shape& handler, const std::string& place) {
    tell(place + " is " + shown(caller) + " for the caller and " + shown(handler) + " for the handler");
  }

  void tell(std::string difference) {
    if (!found_) found_ = std::move(difference);
  }

  static std::string numbered(const char* what, std::size_t index) {
    return std::string(what) + ' ' + std::to_string(index + 1);
  }

  static std::string shown(const Shape& shape) {
    constexpr std::size_t longest = 80;
    return shape.text.size() <= longest ? std::string(shape.text)
                                        : std::string(shape.text.substr(0, longest)) + "...";
  }

  std::optional<std::string> found_;
};

}  // namespace

std::optional<std::string> contract_difference(std::string_view caller, std::string_view handler) {
  if (caller == handler) return std::nullopt;
  if (caller.size() > longest_signature) return "the caller's signature is longer than any";
  const auto called = ShapeParser(caller).signature();
  const auto handled = ShapeParser(handler).signature();
  if (!called || !handled) return "the signatures differ";
  return Comparison().signatures(*called, *handled);
}

}  // namespace vagus::wire
