#include "known_method.hpp"

#include <vector>

#include <vagus/core/suggestions.hpp>

#include "exit_codes.hpp"

namespace vagus::tools {

namespace {

std::string above(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? std::string() : name.substr(0, dot);
}

[[noreturn]] void refuse_unknown(Connection& connection, const std::string& method) {
  const Description all = connection.describe("**");
  std::vector<std::string> names;
  for (const MemberDescription& member : all.members) names.push_back(member.name_space);
  const std::string api = above(method);
  const bool api_there = all.api(api) != nullptr;
  throw UnknownNameError(connection.peer().name + " has no " +
                         (api_there
                              ? "method " + method.substr(api.size() + (api.empty() ? 0 : 1)) + " in " + api
                              : "method " + method) +
                         did_you_mean(method, names));
}

}  // namespace

MemberDescription known_method(Connection& connection, const Description& told, const std::string& method) {
  const MemberDescription* const member = told.member(method);
  if (member == nullptr) refuse_unknown(connection, method);
  if (member->event) throw UsageError(method + " is an event: it is sent, not called");
  return *member;
}

}  // namespace vagus::tools
