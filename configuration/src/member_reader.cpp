#include <algorithm>

#include <vagus/core/name.hpp>

#include "described_type.hpp"
#include "readers.hpp"

namespace vagus {

namespace {

std::string type_or_void(TableReader& table, const std::string& key) {
  const auto text = table.placed_text(key);
  if (!text || text->text == "void") return "void";
  const auto type = read_type(*text, table.faults());
  return type ? type->text() : "void";
}

ParameterSettings read_parameter(const Node& node, const std::string& member, Faults& faults) {
  TableReader table(node, "a parameter of " + member, faults);
  ParameterSettings parameter;
  const auto name = table.required_text("name");
  const auto type_text = table.required_text("type");
  const Node* const given = table.find("default");
  table.finish();
  if (name) parameter.name = name->text;
  if (name && !is_name(name->text)) {
    faults.add(name->place, '"' + shown(name->text) +
                                "\" is no name of a parameter; expected letters, digits and _, "
                                "and no digit first");
  }
  const auto type = type_text ? read_type(*type_text, faults) : std::nullopt;
  if (!type) return parameter;
  parameter.type = type->text();
  if (given != nullptr) {
    const std::string what = "the default of " + shown(parameter.name) + " of " + member;
    parameter.default_value = read_value(*given, *type, what, faults);
  }
  return parameter;
}

void read_parameters(TableReader& table, const std::string& member, MemberSettings& settings) {
  const Node::List* const nodes = table.list("parameters", "tables with a name and a type");
  if (nodes == nullptr) return;
  auto& all = settings.parameters;
  bool last_has_default = false;
  for (const Node& node : *nodes) {
    ParameterSettings parameter = read_parameter(node, member, table.faults());
    const auto same = [&](const ParameterSettings& other) { return other.name == parameter.name; };
    if (!parameter.name.empty() && std::any_of(all.begin(), all.end(), same)) {
      table.faults().add(node.place, member + " has two parameters called " + shown(parameter.name));
    }
    const bool has_default =
        node.table() != nullptr && std::any_of(node.table()->begin(), node.table()->end(),
                                               [](const Entry& entry) { return entry.key == "default"; });
    if (last_has_default && !has_default) {
      table.faults().add(node.place, shown(parameter.name) + " of " + member + " follows " +
                                         shown(all.back().name) +
                                         ", which has a default, and needs one, too");
    }
    last_has_default = has_default;
    all.push_back(std::move(parameter));
  }
}

void check_name(const Entry& entry, const ApiSettings& api, bool event, Faults& faults) {
  const std::string whole = api.name_space + '.' + entry.key;
  if (!is_name(entry.key)) {
    faults.add(entry.place, '"' + shown(entry.key) + "\" is no name of " + (event ? "an event" : "a method") +
                                "; expected letters, digits and _, and no digit first");
  } else if (whole.size() > max_namespace_size) {
    faults.add(entry.place, too_long(whole));
  }
}

MemberSettings read_member(const Entry& entry, const ApiSettings& api, bool event, Faults& faults) {
  const std::string where =
      "[api." + shown(api.key) + (event ? ".events." : ".methods.") + shown(entry.key) + ']';
  TableReader table(entry.node, where, faults);
  MemberSettings member;
  member.place = entry.node.place;
  member.key = api.key + '.' + entry.key;
  member.name = entry.key;
  member.event = event;
  check_name(entry, api, event, faults);
  member.docs = table.text("docs").value_or("");
  read_parameters(table, shown(entry.key), member);
  if (!event) {
    member.result = type_or_void(table, "result");
    if (std::string part = type_or_void(table, "reports"); part != "void") member.reports = std::move(part);
    member.idempotent = table.flag("idempotent");
    member.serial = table.flag("serial");
  }
  member.hidden = table.flag("hidden");
  member.defaults = read_defaults(table);
  table.finish();
  return member;
}

}  // namespace

std::vector<MemberSettings> read_members(TableReader& table, const ApiSettings& api) {
  std::vector<MemberSettings> all;
  for (const bool event : {false, true}) {
    const Node* const members = table.table(event ? "events" : "methods");
    if (members == nullptr) continue;
    for (const Entry& entry : *members->table()) {
      const auto same = [&](const MemberSettings& other) { return other.name == entry.key; };
      if (std::any_of(all.begin(), all.end(), same)) {
        table.faults().add(entry.place, shown(entry.key) + " is a method of " + shown(api.key) +
                                            ", and cannot be an event, too");
      }
      all.push_back(read_member(entry, api, event, table.faults()));
    }
  }
  return all;
}

std::string too_long(const std::string& name_space) {
  return shown(name_space) + " has " + std::to_string(name_space.size()) + " bytes of at most " +
         std::to_string(max_namespace_size);
}

}  // namespace vagus
