#include <cstdio>

#include "commands.hpp"
#include "described.hpp"
#include "json.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

std::string hexadecimal(std::uint64_t number) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

void print(const MemberDescription& member, const std::vector<wire::TypeDescription>& types) {
  std::string traits = member.event ? "event" : member.handled ? "method, handled" : "method, not handled";
  if (!member.declared) traits += ", set by name";
  if (member.idempotent) traits += ", idempotent";
  if (member.hidden) traits += ", hidden";
  std::printf("%s  %s\n", bold(member.name_space).c_str(), dim(traits).c_str());
  std::printf("  %s\n", to_string(member, types).c_str());
  if (!member.docs.empty()) std::printf("  %s\n", member.docs.c_str());
  std::printf("  %s\n\n", dim("shape " + hexadecimal(member.shape) + "  " + member.signature).c_str());
}

void print(const ApiDescription& api) {
  std::string traits = api.root ? "API, " + std::to_string(api.workers) + " workers" : "part of an API";
  if (!api.version.empty()) traits += ", version " + api.version;
  std::printf("%s  %s\n", bold(api.name_space).c_str(), dim(traits).c_str());
  if (!api.docs.empty()) std::printf("  %s\n", api.docs.c_str());
  std::puts("");
}

void print(const wire::TypeDescription& type) {
  if (!type.number.empty()) {
    std::printf("%s  enum of %s\n", bold(type.name).c_str(), type.number.c_str());
    for (const auto& one : type.enumerators) {
      std::printf("  %s = %s\n", one.name.c_str(), to_string(number_of(one, type)).c_str());
    }
    return;
  }
  std::printf("%s  struct\n", bold(type.name).c_str());
  for (const wire::FieldDescription& field : type.fields) {
    std::printf("  %s%s%s\n", field.name.c_str(), field.name.empty() ? "" : ": ", field.type.c_str());
  }
}

}  // namespace

void describe(const ConnectionOptions& connection_options, const DescribeOptions& options) {
  Connection connection(connection_options);
  Description told = described(connection, options.name_space);
  std::erase_if(told.apis, [&](const ApiDescription& api) {
    return options.name_space.starts_with(api.name_space + ".");
  });
  if (options.json) {
    std::puts(one_line(JsonConverter::to_json(to_value(told))).c_str());
    return;
  }
  for (const ApiDescription& api : told.apis) print(api);
  for (const MemberDescription& member : told.members) print(member, told.types);
  for (const wire::TypeDescription& type : told.types) print(type);
}

}  // namespace vagus::tools
