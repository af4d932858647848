#include <algorithm>
#include <cstdio>

#include <vagus/core/error.hpp>
#include <vagus/core/name.hpp>

namespace vagus {

namespace {

bool starts_name(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool continues_name(char c) noexcept { return starts_name(c) || (c >= '0' && c <= '9'); }

std::string printable(char c) {
  if (c >= 0x20 && c < 0x7f) return std::string("'") + c + "'";
  char text[8];
  std::snprintf(text, sizeof text, "0x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return text;
}

/// What is wrong with one part of a namespace, empty if nothing is.
std::string fault_of_name(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (!starts_name(text.front())) return "it begins with " + printable(text.front());
  const auto wrong = std::find_if_not(text.begin(), text.end(), continues_name);
  return wrong == text.end() ? std::string() : "it contains " + printable(*wrong);
}

[[noreturn]] void refuse(std::string_view text, std::string_view what, const std::string& fault) {
  throw ApiParamError(std::string(what) + " \"" + std::string(text.substr(0, 80)) + "\" is no name: " +
                      fault + "; a name is a letter or '_', then letters, digits and '_'");
}

}  // namespace

bool is_name(std::string_view text) noexcept {
  return !text.empty() && starts_name(text.front()) && std::all_of(text.begin(), text.end(), continues_name);
}

bool is_namespace(std::string_view text) noexcept {
  if (text.size() > max_namespace_size) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_name(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

void check_name(std::string_view text, std::string_view what) {
  if (const std::string fault = fault_of_name(text); !fault.empty()) refuse(text, what, fault);
}

void check_namespace(std::string_view text, std::string_view what) {
  if (text.size() > max_namespace_size) {
    refuse(
        text, what,
        "it has " + std::to_string(text.size()) + " bytes of at most " + std::to_string(max_namespace_size));
  }
  for (std::string_view rest = text;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    if (const std::string fault = fault_of_name(part); !fault.empty()) {
      refuse(text, what,
             part.size() == text.size() ? fault : "in \"" + std::string(part.substr(0, 80)) + "\" " + fault);
    }
    if (dot == std::string_view::npos) return;
    rest.remove_prefix(dot + 1);
  }
}

std::string join_namespace(std::string_view above, std::string_view below) {
  std::string joined;
  joined.reserve(above.size() + below.size() + 1);
  joined.append(above);
  if (!above.empty() && !below.empty()) joined.push_back('.');
  joined.append(below);
  if (joined.size() > max_namespace_size) check_namespace(joined, "the namespace");
  return joined;
}

std::string_view parent_namespace(std::string_view name_space) noexcept {
  const std::size_t dot = name_space.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name_space.substr(0, dot);
}

bool is_within(std::string_view name_space, std::string_view above) noexcept {
  return name_space.starts_with(above) &&
         (above.empty() || name_space.size() == above.size() || name_space[above.size()] == '.');
}

}  // namespace vagus
