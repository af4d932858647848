#include "cpp_types.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "exit_codes.hpp"

namespace vagus::tools {

namespace {

struct Named {
  const char* name;
  const char* header;  ///< null: that of Vagus, or none
};

const std::map<std::string, Named> simple_types{
    {"bool", {"bool", nullptr}},
    {"int", {"int", nullptr}},
    {"uint", {"unsigned", nullptr}},
    {"int8", {"std::int8_t", "cstdint"}},
    {"int16", {"std::int16_t", "cstdint"}},
    {"int64", {"std::int64_t", "cstdint"}},
    {"uint8", {"std::uint8_t", "cstdint"}},
    {"uint16", {"std::uint16_t", "cstdint"}},
    {"uint64", {"std::uint64_t", "cstdint"}},
    {"float", {"float", nullptr}},
    {"double", {"double", nullptr}},
    {"string", {"std::string", "string"}},
    {"bytes", {"vagus::Bytes", nullptr}},
    {"duration", {"std::chrono::nanoseconds", "chrono"}},
    {"time", {"std::chrono::system_clock::time_point", "chrono"}},
    {"nil", {"std::monostate", "variant"}},
    {"any", {"vagus::Value", nullptr}},
    {"unknown", {"vagus::UnknownAlternative", nullptr}},
    {"void", {"void", nullptr}},
};

const std::map<std::string, Named> templates{
    {"list", {"std::vector", "vector"}},
    {"array", {"std::array", "array"}},
    {"set", {"std::set", "set"}},
    {"map", {"std::map", "map"}},
    {"optional", {"std::optional", "optional"}},
    {"tuple", {"std::tuple", "tuple"}},
    {"variant", {"std::variant", "variant"}},
};

constexpr std::array keywords{
    "alignas",  "alignof",  "and",      "asm",     "auto",    "bool",      "break",    "case",
    "catch",    "char",     "class",    "concept", "const",   "continue",  "co_await", "co_return",
    "co_yield", "decltype", "default",  "delete",  "do",      "double",    "else",     "enum",
    "explicit", "export",   "extern",   "false",   "float",   "for",       "friend",   "goto",
    "if",       "inline",   "int",      "long",    "mutable", "namespace", "new",      "noexcept",
    "not",      "nullptr",  "operator", "or",      "private", "protected", "public",   "register",
    "requires", "return",   "short",    "signed",  "sizeof",  "static",    "struct",   "switch",
    "template", "this",     "throw",    "true",    "try",     "typedef",   "typeid",   "typename",
    "union",    "unsigned", "using",    "virtual", "void",    "volatile",  "while",    "xor"};

std::string number(double value, bool single) {
  if (!std::isfinite(value)) {
    const std::string limits = std::string("std::numeric_limits<") + (single ? "float" : "double") + ">::";
    return std::isnan(value) ? limits + "quiet_NaN()" : (value < 0 ? "-" : "") + limits + "infinity()";
  }
  char text[40];
  const auto end = single ? std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr
                          : std::to_chars(text, text + sizeof text, value).ptr;
  std::string shown(text, end);
  if (shown.find_first_of(".e") == std::string::npos) shown += ".0";
  return single ? shown + 'F' : shown;
}

}  // namespace

std::string cpp_integer(const Value& value, const std::string& type) {
  if (value.kind() == wire::Kind::integer && type.starts_with('u')) {
    return std::to_string(value.unsigned_integer()) + (type == "uint64" ? "ULL" : "U");
  }
  const std::int64_t given = value.integer();
  // The lowest one has no literal.
  if (given == std::numeric_limits<std::int64_t>::min()) return "std::numeric_limits<std::int64_t>::min()";
  return std::to_string(given) + (type == "int64" ? "LL" : "");
}

std::string cpp_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : text) {
    const auto code = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      quoted += '\\';
      quoted += character;
    } else if (character == '\n') {
      quoted += "\\n";
    } else if (code < 0x20 || code == 0x7f) {
      // Of three digits always: it ends there, whatever follows.
      quoted += {'\\', static_cast<char>('0' + code / 64), static_cast<char>('0' + code / 8 % 8),
                 static_cast<char>('0' + code % 8)};
    } else {
      quoted += character;
    }
  }
  return quoted + '"';
}

std::string cpp_name(std::string_view name) {
  const bool taken = std::find(keywords.begin(), keywords.end(), name) != keywords.end();
  return std::string(name) + (taken ? "_" : "");
}

const wire::TypeDescription* CppTypes::find(const std::string& name) const noexcept {
  const auto found =
      std::find_if(types_.begin(), types_.end(), [&](const auto& type) { return type.name == name; });
  return found != types_.end() ? &*found : nullptr;
}

std::string CppTypes::standard(const char* header, const std::string& name) {
  if (header != nullptr) includes_.insert(header);
  return name;
}

std::string CppTypes::with_arguments(const std::string& name, const TypeText& type) {
  std::string text = name;
  const char* before = "<";
  for (const TypeText& argument : type.arguments) {
    const bool size = &argument != &type.arguments.front() && type.name == "array";
    text += before + (size ? argument.name : this->name(argument));
    before = ", ";
  }
  return text + (type.arguments.empty() ? "<>" : ">");
}

std::string CppTypes::name(const TypeText& type) {
  if (find(type.name) != nullptr) return cpp_name(type.name);
  if (const auto found = simple_types.find(type.name); found != simple_types.end()) {
    return standard(found->second.header, found->second.name);
  }
  if (const auto found = templates.find(type.name); found != templates.end()) {
    return with_arguments(standard(found->second.header, found->second.name), type);
  }
  if (type.name == "loan" && type.arguments.size() == 1) {
    return "vagus::Loan<const " + name(type.arguments[0]) + '>';
  }
  unknown_.insert(type.name);
  return "vagus::Value";
}

std::string CppTypes::literals(const Value::Array& values, const TypeText& type) {
  std::string text;
  for (const Value& value : values) text += (text.empty() ? "" : ", ") + literal(value, type);
  return text;
}

std::string CppTypes::struct_literal(const Value& value, const wire::TypeDescription& type) {
  const Value::Array& fields = value.array();
  if (fields.size() > type.fields.size()) throw UsageError(type.name + " has fewer fields than its value");
  std::string text = cpp_name(type.name) + '{';
  for (std::size_t index = 0; index < fields.size(); ++index) {
    text += (index == 0 ? "" : ", ") + literal(fields[index], parse_type(type.fields[index].type));
  }
  return text + '}';
}

std::string CppTypes::literal(const Value& value, const TypeText& type) {
  const auto* const described = find(type.name);
  if (described != nullptr && described->number.empty()) return struct_literal(value, *described);
  if (described != nullptr) {
    for (const auto& one : described->enumerators) {
      if (value == number_of(one, *described)) return cpp_name(type.name) + "::" + cpp_name(one.name);
    }
    return "static_cast<" + cpp_name(type.name) + ">(" + cpp_integer(value, described->number) + ')';
  }
  if (type.name == "bool") return value.boolean() ? "true" : "false";
  if (type.name == "double" || type.name == "float") {
    if (!std::isfinite(value.real())) includes_.insert("limits");
    return number(value.real(), type.name == "float");
  }
  if (type.name == "string") return name(type) + '(' + cpp_string(value.string()) + ')';
  const bool is_integer = type.name.starts_with("int") || type.name.starts_with("uint");
  if (is_integer || type.name == "duration") {
    includes_.insert("limits");
    return name(type) + '{' + cpp_integer(value, type.name == "duration" ? "int64" : type.name) + '}';
  }
  if (type.name == "list" || type.name == "set" || type.name == "array") {
    return name(type) + '{' + literals(value.array(), type.arguments.at(0)) + '}';
  }
  if (type.name == "optional") {
    const bool none = value.kind() == wire::Kind::nil;
    return name(type) + '(' + (none ? "" : literal(value, type.arguments.at(0))) + ')';
  }
  throw UsageError("a default of the type " + type.name + " cannot be written as C++");
}

}  // namespace vagus::tools
