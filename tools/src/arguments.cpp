#include "arguments.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <vagus/core/suggestions.hpp>

#include "exit_codes.hpp"

namespace vagus::tools {

namespace {

struct Typed {
  std::string name;  // empty: by position
  std::string text;
};

Typed split(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return {{}, text};
  const std::string name = text.substr(0, equals);
  const bool is_name =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
      std::string::npos;
  if (!is_name) return {{}, text};
  return {name, text.substr(equals + 1)};
}

std::optional<Json> parsed(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

bool may_lack_quotes(std::string type, const JsonConverter& converter) {
  if (type.starts_with("optional<")) type = type.substr(9, type.size() - 10);
  const auto* const described = converter.find(type);
  if (described != nullptr && !described->enumerators.empty()) return true;
  return type == "string" || type == "bytes" || type == "duration" || type == "any";
}

Json json_of(const std::string& text, const ParameterDescription& parameter, const JsonConverter& converter,
             const std::string& place) {
  const auto json = parsed(text);
  const bool text_wanted = parameter.type == "string" || parameter.type == "optional<string>";
  if (json && (!text_wanted || json->is_string() || (json->is_null() && parameter.type != "string")))
    return *json;
  if (may_lack_quotes(parameter.type, converter)) return text;
  throw UsageError(place + " is " + text.substr(0, 80) + ", expected a " + parameter.type + " in JSON");
}

class Binder {
 public:
  Binder(const MemberDescription& member, const JsonConverter& converter)
      : member_(member), converter_(converter) {}

  void add(const std::string& text) {
    const Typed typed = split(text);
    if (typed.name.empty()) {
      add_positional(text);
    } else {
      add_named(typed);
    }
  }

  BoundArguments take() {
    for (std::size_t index = bound_.positional.size(); index < member_.parameters.size(); ++index) {
      const ParameterDescription& parameter = member_.parameters[index];
      if (parameter.default_value || given_.contains(parameter.name)) continue;
      refuse("is missing " + called(index));
    }
    return std::move(bound_);
  }

 private:
  void add_positional(const std::string& text) {
    const std::size_t index = bound_.positional.size();
    if (!bound_.named.empty())
      refuse("takes no argument by position after one by name: " + text.substr(0, 80));
    if (index >= member_.parameters.size()) {
      refuse("takes " + std::to_string(member_.parameters.size()) + " arguments, and " + text.substr(0, 80) +
             " is one more");
    }
    bound_.positional.push_back(value(text, index));
    given_.insert(member_.parameters[index].name);
  }

  void add_named(const Typed& typed) {
    const auto& all = member_.parameters;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == typed.name; });
    if (found == all.end()) {
      std::vector<std::string> names;
      for (const ParameterDescription& parameter : all) names.push_back(parameter.name);
      refuse("has no parameter " + typed.name + did_you_mean(typed.name, names) +
             " (text with a = in it needs quotes of its own: '\"" + typed.name + "=...\"')");
    }
    if (!given_.insert(typed.name).second) refuse("is given " + typed.name + " twice");
    bound_.named.emplace_back(typed.name, value(typed.text, static_cast<std::size_t>(found - all.begin())));
  }

  Value value(const std::string& text, std::size_t index) const {
    const ParameterDescription& parameter = member_.parameters[index];
    const std::string place = called(index);
    return converter_.to_value(json_of(text, parameter, converter_, place), parameter.type, place);
  }

  std::string called(std::size_t index) const {
    const std::string& name = member_.parameters[index].name;
    return name.empty() ? "argument " + std::to_string(index + 1) : name;
  }

  [[noreturn]] void refuse(const std::string& fault) const {
    throw UsageError(member_.name_space + " " + fault + "\n  it is " +
                     to_string(member_, converter_.types()));
  }

  const MemberDescription& member_;
  const JsonConverter& converter_;
  BoundArguments bound_;
  std::set<std::string> given_;
};

}  // namespace

BoundArguments bind_arguments(const MemberDescription& member, const JsonConverter& converter,
                              const std::vector<std::string>& texts) {
  Binder binder(member, converter);
  for (const std::string& text : texts) binder.add(text);
  return binder.take();
}

BoundArguments bind_arguments(const std::vector<std::string>& texts) {
  static const std::vector<wire::TypeDescription> no_types;
  const JsonConverter converter(no_types);
  BoundArguments bound;
  for (const std::string& text : texts) {
    const Typed typed = split(text);
    const auto json = parsed(typed.text);
    Value value = json ? converter.to_value(*json, "any", typed.text) : Value(typed.text);
    if (typed.name.empty()) {
      bound.positional.push_back(std::move(value));
    } else {
      bound.named.emplace_back(typed.name, std::move(value));
    }
  }
  return bound;
}

}  // namespace vagus::tools
