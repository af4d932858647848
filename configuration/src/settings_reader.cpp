#include <limits>

#include <vagus/wire/hello.hpp>
#include <vagus/wire/reader.hpp>

#include "readers.hpp"

namespace vagus {

namespace {

constexpr std::int64_t any_number = std::numeric_limits<std::int64_t>::max();

void take(std::size_t& into, const std::optional<std::int64_t>& number) {
  if (number) into = static_cast<std::size_t>(*number);
}

/// Of the process: what is longer would be cut.
std::string read_name(TableReader& top) {
  const auto name = top.placed_text("name");
  if (!name) return {};
  if (name->text.empty()) top.faults().add(name->place, "'name' in " + top.where() + " is empty");
  if (name->text.size() > wire::Hello::max_name_size) {
    top.faults().add(name->place, "'name' in " + top.where() + " has " + std::to_string(name->text.size()) +
                                      " bytes of at most " + std::to_string(wire::Hello::max_name_size));
  }
  return name->text;
}

void read_limits(TableReader& top, ArbOptions& options) {
  const Node* const node = top.table("limits");
  if (node == nullptr) return;
  TableReader limits(*node, "[limits]", top.faults());
  options.max_message_size = limits.size("max_message_size").value_or(options.max_message_size);
  take(options.max_depth, limits.number("max_depth", 1, wire::Reader::max_depth));
  take(options.max_pending, limits.number("max_pending", 1, any_number));
  take(options.max_links, limits.number("max_links", 1, any_number));
  options.max_unsent = limits.size("max_unsent").value_or(options.max_unsent);
  limits.finish();
}

void read_call_defaults(TableReader& top, ArbOptions& options) {
  const Node* const node = top.table("defaults");
  if (node == nullptr) return;
  TableReader table(*node, "[defaults]", top.faults());
  const CallDefaults defaults = read_defaults(table);
  options.timeout = defaults.timeout;
  options.priority = defaults.priority;
  options.when_full = defaults.when_full;
  options.when_down = defaults.when_down;
  table.finish();
}

}  // namespace

Settings read_settings(std::string_view text, const std::string& file, const std::string& folder) {
  Faults faults(file);
  const Node document = parse_document(text, faults);
  Settings settings;
  settings.file = file;
  TableReader top(document, "the file", faults);
  settings.name = read_name(top);
  read_call_defaults(top, settings.options);
  read_limits(top, settings.options);
  read_endpoints(top, Side::body, folder, settings.endpoints);
  read_endpoints(top, Side::head, folder, settings.endpoints);
  settings.permissions = read_permissions(top);
  settings.users = read_users(top, folder);
  if (const Node* const users = top.find("users")) settings.users_place = users->place;
  settings.apis = read_apis(top, settings.endpoints);
  top.finish();
  faults.raise();
  return settings;
}

}  // namespace vagus
