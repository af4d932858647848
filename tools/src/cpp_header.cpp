#include "cpp_header.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include "cpp_types.hpp"
#include "exit_codes.hpp"

namespace vagus::tools {

namespace {

/// What peers call their things becomes a part of a program: nothing but names does.
const std::string& checked(const std::string& name) {
  if (!is_name(name)) throw UsageError("\"" + name + "\" is no name in C++");
  return name;
}

/// Writes structs and enums, each behind those that it is made of.
class TypeSection {
 public:
  TypeSection(const std::vector<wire::TypeDescription>& all, CppTypes& types) : types_(types) {
    for (const wire::TypeDescription& type : all) {
      if (all_.emplace(checked(type.name), &type).second) continue;
      throw UsageError("two types are called " + type.name +
                       " and differ: describe them apart, by a pattern");
    }
  }

  std::string text() {
    for (const auto& [name, type] : all_) write(*type);
    std::string forward;
    for (const std::string& name : needed_before_) forward += "struct " + cpp_name(name) + ";\n";
    return forward + (forward.empty() ? "" : "\n") + text_;
  }

 private:
  enum class State { begun, written };

  void write(const wire::TypeDescription& type) {
    if (!states_.emplace(type.name, State::begun).second) return;
    for (const wire::FieldDescription& field : type.fields) write_parts(parse_type(field.type));
    type.number.empty() ? write_struct(type) : write_enum(type);
    states_[type.name] = State::written;
  }

  void write_parts(const TypeText& type) {
    if (const auto found = all_.find(type.name); found != all_.end()) {
      const auto state = states_.find(type.name);
      if (state != states_.end() && state->second == State::begun) needed_before_.insert(type.name);
      write(*found->second);
    }
    for (const TypeText& argument : type.arguments) write_parts(argument);
  }

  void write_enum(const wire::TypeDescription& type) {
    const std::string name = cpp_name(type.name);
    if (type.enumerators.empty()) text_ += "// What its numbers mean is not described.\n";
    text_ += "enum class " + name + " : " + types_.name(type.number) + " {";
    std::string names;
    for (const auto& one : type.enumerators) {
      const std::string called = cpp_name(checked(one.name));
      text_ += (names.empty() ? "\n  " : ",\n  ") + called + " = " +
               cpp_integer(number_of(one, type), type.number);
      names += ", " + called;
    }
    text_ += names.empty() ? "};\n\n" : "\n};\nVAGUS_ENUMERATORS(" + name + names + ")\n\n";
  }

  void write_struct(const wire::TypeDescription& type) {
    std::string names;
    text_ += "struct " + cpp_name(type.name) + " {\n";
    for (std::size_t index = 0; index < type.fields.size(); ++index) {
      const auto& [given, field_type] = type.fields[index];
      const std::string name =
          given.empty() ? "field_" + std::to_string(index + 1) : cpp_name(checked(given));
      if (!given.empty()) names += ", " + name;
      // What begins as nothing by itself needs no initialiser, and may not be complete yet.
      const TypeText parsed = parse_type(field_type);
      const bool needs_one = (parsed.arguments.empty() && field_type != "string") || parsed.name == "array";
      text_ += "  " + types_.name(parsed) + ' ' + name + (needs_one ? " = {};\n" : ";\n");
    }
    text_ += "};\n";
    if (!names.empty()) text_ += "VAGUS_FIELDS(" + cpp_name(type.name) + names + ")\n";
    text_ += '\n';
  }

  CppTypes& types_;
  std::map<std::string, const wire::TypeDescription*> all_;
  std::map<std::string, State> states_;
  std::set<std::string> needed_before_;
  std::string text_;
};

/// An API or a part of one, and what is below it.
struct Node {
  const ApiDescription* api = nullptr;
  std::map<std::string, Node> parts;
  std::vector<const MemberDescription*> members;
};

/// Writes APIs, each behind the parts that it is made of.
class ApiSection {
 public:
  ApiSection(const Description& description, CppTypes& types) : types_(types) {
    for (const auto& type : description.types) taken_.insert(type.name);
    for (const ApiDescription& api : description.apis) {
      if (api.root) roots_[api.name_space].api = &api;
    }
    for (const ApiDescription& api : description.apis) {
      if (!api.root) node_of(api.name_space).api = &api;
    }
    for (const MemberDescription& member : description.members) {
      node_of(std::string(parent_namespace(member.name_space))).members.push_back(&member);
    }
  }

  std::string text() {
    for (const auto& [name_space, root] : roots_) {
      if (has_members(root)) write(name_space, root, true);
    }
    return text_;
  }

 private:
  /// The deepest root that it is in, or one made up for it, and the parts down to it.
  Node& node_of(const std::string& name_space) {
    auto root = roots_.end();
    for (auto each = roots_.begin(); each != roots_.end(); ++each) {
      const bool inside = each->first.empty() ? name_space.empty() : is_within(name_space, each->first);
      if (inside && (root == roots_.end() || each->first.size() > root->first.size())) root = each;
    }
    if (root == roots_.end()) {
      root = roots_.emplace(name_space.substr(0, name_space.find('.')), Node{}).first;
    }
    Node* node = &root->second;
    for (std::size_t begin = root->first.size(); begin < name_space.size();) {
      const std::size_t end = std::min(name_space.find('.', begin + 1), name_space.size());
      node = &node->parts[checked(name_space.substr(begin + 1, end - begin - 1))];
      begin = end;
    }
    return *node;
  }

  /// An API whose members do not match the pattern is described all the same.
  static bool has_members(const Node& node) {
    return !node.members.empty() || std::any_of(node.parts.begin(), node.parts.end(),
                                                [](const auto& part) { return has_members(part.second); });
  }

  std::string class_name(const std::string& name_space) {
    std::string name;
    bool first_letter = true;
    for (const char character : name_space) {
      const bool between = character == '.' || character == '_';
      if (!between) name += static_cast<char>(first_letter ? std::toupper(character) : character);
      first_letter = between;
    }
    name += "Api";
    std::string unique = name;
    for (int number = 2; !taken_.insert(unique).second; ++number) unique = name + std::to_string(number);
    return unique;
  }

  static std::string options(const ApiDescription* api) {
    if (api == nullptr) return "";
    std::string set;
    if (!api->docs.empty()) set += ".docs = " + cpp_string(api->docs);
    if (!api->version.empty()) set += (set.empty() ? "" : ", ") + (".version = " + cpp_string(api->version));
    return set.empty() ? "" : ", {" + set + '}';
  }

  /// Gives the name of the class.
  std::string write(const std::string& name_space, const Node& node, bool root) {
    std::string parts;
    for (const auto& [name, part] : node.parts) {
      if (!has_members(part)) continue;
      const std::string type = write(name_space + (name_space.empty() ? "" : ".") + name, part, false);
      parts += "  " + type + ' ' + cpp_name(name) + "{this, \"" + name + '"' + options(part.api) + "};\n";
    }
    const std::string name = class_name(name_space.empty() ? "plain" : name_space);
    text_ += "class " + name + " : public vagus::ApiBase {\n public:\n";
    if (root) {
      const std::string given = name_space.empty() ? "vagus::no_namespace" : '"' + name_space + '"';
      text_ += "  " + name + "() : vagus::ApiBase(" + given + options(node.api) + ") {}\n\n";
    } else {
      text_ += "  using vagus::ApiBase::ApiBase;\n\n";
    }
    text_ += parts;
    for (const MemberDescription* const member : node.members) write(*member);
    text_ += "};\n\n";
    return name;
  }

  void write(const MemberDescription& member) {
    const std::string name = checked(member.name_space.substr(member.name_space.rfind('.') + 1));
    std::string result = types_.name(member.result);
    if (!member.reports.empty()) {
      const std::string part = types_.name(member.reports);
      result = "vagus::Streams<" + part + (result == "void" ? "" : ", " + result) + '>';
    }
    const std::string declared = std::string("  vagus::") + (member.event ? "Event<" : "Method<") + result +
                                 '(' + parameter_types(member) + ")> " + cpp_name(name) + '{';
    const std::string named = parameters(member);
    const std::string set = options(member);
    std::string made = "this, \"" + name + '"';
    if (!member.docs.empty() || !named.empty() || !set.empty()) made += ", " + cpp_string(member.docs);
    made += named + set + "};\n";
    constexpr std::size_t widest = 110;
    text_ += declared + (declared.size() + made.size() > widest ? "\n      " : "") + made;
  }

  /// Those behind the last one that has to be given may be left out.
  static std::size_t count_needed(const MemberDescription& member) {
    std::size_t needed = member.parameters.size();
    while (needed > 0 && member.parameters[needed - 1].default_value) --needed;
    return needed;
  }

  std::string parameter_types(const MemberDescription& member) {
    const std::size_t needed = count_needed(member);
    std::string types;
    for (std::size_t index = 0; index < member.parameters.size(); ++index) {
      const std::string type = types_.name(member.parameters[index].type);
      types += (index == 0 ? "" : ", ") + (index < needed ? type : "vagus::Default<" + type + '>');
    }
    return types;
  }

  std::string parameters(const MemberDescription& member) {
    const auto& all = member.parameters;
    const bool none = std::all_of(all.begin(), all.end(), [](const ParameterDescription& parameter) {
      return parameter.name.empty() && !parameter.default_value;
    });
    if (none) return "";
    std::string text;
    for (std::size_t index = 0; index < all.size(); ++index) {
      const auto& given = all[index].name;
      const std::string name =
          cpp_string(given.empty() ? "parameter_" + std::to_string(index + 1) : checked(given));
      text += index == 0 ? ", vagus::params(" : ", ";
      if (!all[index].default_value) {
        text += name;
      } else {
        text += "vagus::param(" + name + ", " +
                types_.literal(*all[index].default_value, parse_type(all[index].type)) + ')';
      }
    }
    return text + ')';
  }

  static std::string options(const MemberDescription& member) {
    if (!member.idempotent && !member.hidden) return "";
    std::string set = member.idempotent ? ".idempotent = true" : "";
    if (member.hidden) set += (set.empty() ? "" : ", ") + std::string(".hidden = true");
    return ", vagus::MethodOptions{" + set + '}';
  }

  CppTypes& types_;
  std::set<std::string> taken_;
  std::map<std::string, Node> roots_;
  std::string text_;
};

}  // namespace

CppHeader cpp_header(const Description& description, const std::string& name_space) {
  CppTypes types(description.types);
  const std::string body =
      TypeSection(description.types, types).text() + ApiSection(description, types).text();
  std::string text =
      "// Made by `vagus generate`, of what a program tells of itself: not to be edited, but made anew.\n"
      "// clang-format off\n#pragma once\n\n";
  for (const std::string& header : types.includes()) text += "#include <" + header + ">\n";
  text += std::string(types.includes().empty() ? "" : "\n") + "#include <vagus/vagus.hpp>\n\nnamespace " +
          checked(name_space) + " {\n\n" + body + "}  // namespace " + name_space + '\n';
  return {std::move(text), types.unknown()};
}

}  // namespace vagus::tools
