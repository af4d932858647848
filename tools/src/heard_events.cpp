#include "heard_events.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include <vagus/core/suggestions.hpp>

namespace vagus::tools {

Description described_events(Connection& connection, const std::string& pattern) {
  if (connection.peer().plain) return {};
  try {
    return connection.describe(pattern);
  } catch (const PermissionDeniedError&) {
    return {};
  } catch (const UnsupportedApiError&) {
    return {};  // it is of an older version
  }
}

void remark_if_unknown(Connection& connection, const Description& told, const std::string& pattern) {
  const auto is_event = [](const MemberDescription& member) { return member.event; };
  if (told.name.empty() || std::any_of(told.members.begin(), told.members.end(), is_event)) return;
  std::vector<std::string> names;
  for (const MemberDescription& member : described_events(connection, "**").members) {
    if (member.event) names.push_back(member.name_space);
  }
  std::fprintf(stderr, "vagus: %s declares no event %s%s\n", told.name.c_str(), pattern.c_str(),
               did_you_mean(pattern, names).c_str());
}

Json EventText::argument(const HeardEvent& event, std::size_t index) const {
  const MemberDescription* const member = told_.member(event.name_space);
  const bool known = member != nullptr && index < member->parameters.size();
  return known ? converter_.to_json(event.arguments[index], member->parameters[index].type)
               : JsonConverter::to_json(event.arguments[index]);
}

Json EventText::result(const std::string& method, const Value& value) const {
  const MemberDescription* const member = told_.member(method);
  return member != nullptr ? converter_.to_json(value, member->result) : JsonConverter::to_json(value);
}

std::string EventText::line(const HeardEvent& event) const {
  std::string line = event.name_space;
  const char* before = " ";
  for (std::size_t index = 0; index < event.arguments.size(); ++index) {
    line += before + one_line(argument(event, index));
    before = ", ";
  }
  for (const auto& [name, value] : event.named) {
    line += before + (name.kind() == Value::Kind::str ? name.string() : to_string(name)) + '=' +
            one_line(JsonConverter::to_json(value));
    before = ", ";
  }
  return line;
}

Json EventText::json(const HeardEvent& event) const {
  Json line{{"event", event.name_space}, {"arguments", Json::array()}};
  for (std::size_t index = 0; index < event.arguments.size(); ++index) {
    line["arguments"].push_back(argument(event, index));
  }
  if (!event.named.empty()) line["named"] = JsonConverter::to_json(Value(event.named));
  return line;
}

}  // namespace vagus::tools
