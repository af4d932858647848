/// What the types and values of descriptions are in C++.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/vagus.hpp>

#include "type_text.hpp"

namespace vagus::tools {

/// `text` as C++ writes it: quoted, and with escapes.
std::string cpp_string(std::string_view text);
/// A literal of an integer type, such as `uint16`.
std::string cpp_integer(const Value& value, const std::string& type);
/// `name`, with a `_` behind it if C++ has another use for it.
std::string cpp_name(std::string_view name);

/// Types and values by their names in C++. `types` have to outlive it.
class CppTypes {
 public:
  explicit CppTypes(const std::vector<wire::TypeDescription>& types) : types_(types) {}

  /// `std::vector<Position>`. A type that packs itself, of which only the name is known, is a vagus::Value.
  std::string name(const TypeText& type);
  std::string name(const std::string& type) { return name(parse_type(type)); }
  /// An expression of the type. Throws UsageError for what cannot be written in C++.
  std::string literal(const Value& value, const TypeText& type);

  /// What has to be included for all that was asked for so far.
  const std::set<std::string>& includes() const noexcept { return includes_; }
  /// Those of which only the name is known.
  const std::set<std::string>& unknown() const noexcept { return unknown_; }

 private:
  const wire::TypeDescription* find(const std::string& name) const noexcept;
  std::string standard(const char* header, const std::string& name);
  std::string with_arguments(const std::string& name, const TypeText& type);
  std::string struct_literal(const Value& value, const wire::TypeDescription& type);
  std::string literals(const Value::Array& values, const TypeText& type);

  const std::vector<wire::TypeDescription>& types_;
  std::set<std::string> includes_;
  std::set<std::string> unknown_;
};

}  // namespace vagus::tools
