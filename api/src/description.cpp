#include <algorithm>
#include <utility>

#include <vagus/api/description.hpp>
#include <vagus/wire/decode_error.hpp>

namespace vagus {

namespace {

// Writing
// ------------------------------------------------------------------------------------------------------------

/// A map to which what is as it is by default is not added.
class Entries {
 public:
  template <typename T>
  Entries& add(const char* key, const T& value, const T& by_default) {
    if (!(value == by_default)) map_.emplace_back(Value(key), Value(value));
    return *this;
  }
  Entries& add(const char* key, const std::string& text) { return add(key, text, std::string()); }
  template <typename T, typename Convert>
  Entries& add_list(const char* key, const std::vector<T>& list, Convert convert) {
    if (list.empty()) return *this;
    Value::Array array;
    array.reserve(list.size());
    for (const T& element : list) array.push_back(convert(element));
    map_.emplace_back(Value(key), Value(std::move(array)));
    return *this;
  }
  void add_value(const char* key, Value value) { map_.emplace_back(Value(key), std::move(value)); }
  Value take() { return Value(std::move(map_)); }

 private:
  Value::Map map_;
};

Value parameter_value(const ParameterDescription& parameter) {
  Entries entries;
  entries.add("name", parameter.name).add("type", parameter.type);
  if (parameter.default_value) entries.add_value("default", *parameter.default_value);
  return entries.take();
}

Value member_value(const MemberDescription& member) {
  static const MemberDescription usual;
  Entries entries;
  entries.add("name", member.name_space)
      .add("event", member.event, usual.event)
      .add("docs", member.docs)
      .add_list("parameters", member.parameters, &parameter_value)
      .add("result", member.result, usual.result)
      .add("reports", member.reports)
      .add("shape", member.shape, usual.shape)
      .add("signature", member.signature)
      .add("handled", member.handled, usual.handled)
      .add("declared", member.declared, usual.declared)
      .add("idempotent", member.idempotent, usual.idempotent)
      .add("hidden", member.hidden, usual.hidden);
  return entries.take();
}

Value api_value(const ApiDescription& api) {
  static const ApiDescription usual;
  return Entries()
      .add("name", api.name_space)
      .add("docs", api.docs)
      .add("version", api.version)
      .add("root", api.root, usual.root)
      .add("workers", api.workers, usual.workers)
      .take();
}

Value type_value(const wire::TypeDescription& type) {
  const auto field_value = [](const wire::FieldDescription& field) {
    return Entries().add("name", field.name).add("type", field.type).take();
  };
  const auto enumerator_value = [](const wire::EnumeratorDescription& one) {
    return Value(Value::Array{Value(one.name), Value(one.number)});
  };
  return Entries()
      .add("name", type.name)
      .add_list("fields", type.fields, field_value)
      .add("number", type.number)
      .add_list("enumerators", type.enumerators, enumerator_value)
      .take();
}

// Reading
// ------------------------------------------------------------------------------------------------------------

void read(const Value& value, std::string& text) { text = value.string(); }
void read(const Value& value, bool& flag) { flag = value.boolean(); }
void read(const Value& value, unsigned& number) {
  const std::uint64_t given = value.unsigned_integer();
  number = static_cast<unsigned>(std::min<std::uint64_t>(given, ~0u));
}
void read(const Value& value, std::uint64_t& number) { number = value.unsigned_integer(); }
void read(const Value& value, std::int64_t& number) { number = value.integer(); }

template <typename T>
void read_entry(const Value& map, const char* key, T& into) {
  if (const Value* const value = map.find(key)) read(*value, into);
}

template <typename T, typename Read>
void read_list(const Value& map, const char* key, std::vector<T>& into, Read read_element) {
  const Value* const list = map.find(key);
  if (list == nullptr) return;
  into.reserve(list->array().size());
  for (const Value& element : list->array()) into.push_back(read_element(element));
}

ParameterDescription read_parameter(const Value& map) {
  ParameterDescription parameter;
  read_entry(map, "name", parameter.name);
  read_entry(map, "type", parameter.type);
  if (const Value* const value = map.find("default")) parameter.default_value = *value;
  return parameter;
}

MemberDescription read_member(const Value& map) {
  MemberDescription member;
  read_entry(map, "name", member.name_space);
  read_entry(map, "event", member.event);
  read_entry(map, "docs", member.docs);
  read_list(map, "parameters", member.parameters, &read_parameter);
  read_entry(map, "result", member.result);
  read_entry(map, "reports", member.reports);
  read_entry(map, "shape", member.shape);
  read_entry(map, "signature", member.signature);
  read_entry(map, "handled", member.handled);
  read_entry(map, "declared", member.declared);
  read_entry(map, "idempotent", member.idempotent);
  read_entry(map, "hidden", member.hidden);
  return member;
}

ApiDescription read_api(const Value& map) {
  ApiDescription api;
  read_entry(map, "name", api.name_space);
  read_entry(map, "docs", api.docs);
  read_entry(map, "version", api.version);
  read_entry(map, "root", api.root);
  read_entry(map, "workers", api.workers);
  return api;
}

wire::TypeDescription read_type(const Value& map) {
  wire::TypeDescription type;
  read_entry(map, "name", type.name);
  read_list(map, "fields", type.fields, [](const Value& one) {
    wire::FieldDescription field;
    read_entry(one, "name", field.name);
    read_entry(one, "type", field.type);
    return field;
  });
  read_entry(map, "number", type.number);
  read_list(map, "enumerators", type.enumerators, [](const Value& one) {
    if (one.array().size() < 2)
      throw wire::TypeError("an enumerator is described by its name and its number");
    return wire::EnumeratorDescription{one.array()[0].string(), one.array()[1].integer()};
  });
  return type;
}

std::string_view last_part(std::string_view name_space) noexcept {
  return name_space.substr(name_space.rfind('.') + 1);  // all of it, if there is no dot
}

template <typename T>
const T* find(const std::vector<T>& all, std::string_view name_space) noexcept {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name_space == name_space; });
  return found == all.end() ? nullptr : &*found;
}

std::string text_of(const Value& value, const std::string& type_name,
                    const std::vector<wire::TypeDescription>& types) {
  for (const wire::TypeDescription& type : types) {
    if (type.name != type_name) continue;
    for (const wire::EnumeratorDescription& one : type.enumerators) {
      if (value == number_of(one, type)) return one.name;
    }
  }
  return to_string(value);
}

}  // namespace

const ApiDescription* Description::api(std::string_view name_space) const noexcept {
  return find(apis, name_space);
}

const MemberDescription* Description::member(std::string_view name_space) const noexcept {
  return find(members, name_space);
}

Value to_value(const Description& description) {
  Entries entries;
  entries.add("name", description.name)
      .add("library", description.library)
      .add("process_id", description.process_id, std::int64_t{-1})
      .add("uptime_us",
           std::int64_t{std::chrono::duration_cast<std::chrono::microseconds>(description.uptime).count()},
           std::int64_t{0})
      .add_list("apis", description.apis, &api_value)
      .add_list("members", description.members, &member_value)
      .add_list("types", description.types, &type_value);
  return entries.take();
}

Description description_from(const Value& value) {
  if (value.kind() != Value::Kind::map) {
    throw wire::TypeError("a description is a map, and this is " + to_string(value).substr(0, 80));
  }
  Description description;
  std::int64_t uptime_us = 0;
  read_entry(value, "name", description.name);
  read_entry(value, "library", description.library);
  read_entry(value, "process_id", description.process_id);
  read_entry(value, "uptime_us", uptime_us);
  description.uptime = std::chrono::microseconds(uptime_us);
  read_list(value, "apis", description.apis, &read_api);
  read_list(value, "members", description.members, &read_member);
  read_list(value, "types", description.types, &read_type);
  return description;
}

Value number_of(const wire::EnumeratorDescription& enumerator, const wire::TypeDescription& type) {
  if (type.number == "uint64") return static_cast<std::uint64_t>(enumerator.number);
  return enumerator.number;
}

std::string to_string(const MemberDescription& member, const std::vector<wire::TypeDescription>& types) {
  std::string text = std::string(last_part(member.name_space)) + '(';
  for (const ParameterDescription& parameter : member.parameters) {
    if (text.back() != '(') text += ", ";
    text += parameter.name.empty() ? parameter.type : parameter.name + ": " + parameter.type;
    if (parameter.default_value) text += " = " + text_of(*parameter.default_value, parameter.type, types);
  }
  text += ')';
  if (!member.reports.empty()) return text + " -> streams<" + member.reports + ", " + member.result + '>';
  return member.result == "void" ? text : text + " -> " + member.result;
}

}  // namespace vagus
