#include "described.hpp"

#include <vector>

#include <vagus/core/suggestions.hpp>

#include "exit_codes.hpp"

namespace vagus::tools {

namespace {

bool has_wildcard(const std::string& name) { return name.find('*') != std::string::npos; }

bool is_namespace(const Description& told, const std::string& name) {
  return told.member(name) == nullptr && told.api(name) != nullptr;
}

[[noreturn]] void refuse_unknown(Connection& connection, const std::string& name) {
  if (has_wildcard(name))
    throw UnknownNameError(connection.peer().name + " has nothing that matches " + name);
  std::vector<std::string> names;
  const Description all = connection.describe("**");
  for (const ApiDescription& api : all.apis) names.push_back(api.name_space);
  for (const MemberDescription& member : all.members) names.push_back(member.name_space);
  throw UnknownNameError(connection.peer().name + " has nothing called " + name + did_you_mean(name, names));
}

}  // namespace

std::string pattern_for(Connection& connection, const std::string& name) {
  if (has_wildcard(name) || connection.peer().plain) return name;
  try {
    return is_namespace(connection.describe(name), name) ? name + ".**" : name;
  } catch (const PermissionDeniedError&) {
    return name;
  } catch (const UnsupportedApiError&) {
    return name;  // it is of an older version
  }
}

Description described(Connection& connection, const std::string& name) {
  Description told = connection.describe(name);
  if (!has_wildcard(name) && is_namespace(told, name)) told = connection.describe(name + ".**");
  const bool nothing =
      told.members.empty() && (has_wildcard(name) ? told.apis.empty() : told.api(name) == nullptr);
  if (nothing && name != "**") refuse_unknown(connection, name);
  return told;
}

}  // namespace vagus::tools
